with recursive
  first as (
    select
      coalesce(
        (
          select
            size
          from
            audit_pruned
          where
            tenant_id = $1
        ),
        0
      )::bigint as low,
      coalesce(
        (
          select
            max(sequence)
          from
            audit_entry
          where
            tenant_id = $1
        ),
        0
      ) + 1 as high
    union all
    select
      case
        when probe.time < $2::timestamptz - interval '300000 milliseconds' then middle.sequence
        else low
      end,
      case
        when probe.time < $2::timestamptz - interval '300000 milliseconds' then high
        else middle.sequence
      end
    from
      first
      cross join lateral (
        select
          (low + high) / 2 as sequence
      ) middle
      cross join lateral (
        select
          e.time
        from
          audit_entry n
          join event e on e.id = n.event_id
        where
          n.tenant_id = $1
          and n.sequence = middle.sequence
      ) probe
    where
      high - low > 1
  ),
  last as (
    select
      coalesce(
        (
          select
            size
          from
            audit_pruned
          where
            tenant_id = $1
        ),
        0
      )::bigint as low,
      coalesce(
        (
          select
            max(sequence)
          from
            audit_entry
          where
            tenant_id = $1
        ),
        0
      ) + 1 as high
    union all
    select
      case
        when probe.time < $3::timestamptz + interval '300000 milliseconds' then middle.sequence
        else low
      end,
      case
        when probe.time < $3::timestamptz + interval '300000 milliseconds' then high
        else middle.sequence
      end
    from
      last
      cross join lateral (
        select
          (low + high) / 2 as sequence
      ) middle
      cross join lateral (
        select
          e.time
        from
          audit_entry n
          join event e on e.id = n.event_id
        where
          n.tenant_id = $1
          and n.sequence = middle.sequence
      ) probe
    where
      high - low > 1
  )
select
  e.id,
  e.tenant_id as "tenantId",
  e.tx::text as tx,
  e.type,
  to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
  e.account_id as "accountId",
  e.user_id as "userId",
  e.user_ref as "userRef",
  e.request_id as "requestId",
  e.data,
  e.personal_sealed as "personalSealed",
  n.sequence,
  n.leaf_hash as "leafHash",
  u.event_key_sealed as "eventKeySealed"
from
  audit_entry n
  join event e on e.id = n.event_id
  left join app_user u on u.id = e.user_ref
  and u.tenant_id = e.tenant_id
where
  n.tenant_id = $1
  and n.sequence < $4
  and n.sequence > (
    select
      max(low)
    from
      first
  )
  and n.sequence < (
    select
      min(high)
    from
      last
  )
  and e.time >= $2
  and e.time < $3
order by
  n.sequence desc
limit
  $5
