with
  last as (
    select
      time
    from
      (
        select
          e.time
        from
          event e
          join audit_entry n on n.event_id = e.id
        where
          e.tenant_id = $1
          and e.account_id = $2
          and e.time >= $3
          and e.time < $4
          and n.tenant_id = $1
          and n.sequence > $5
        order by
          e.time asc
        limit
          $6
      ) f
    order by
      time asc
    offset
      $6 - 1
    limit
      1
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
  (
    select
      n.*
    from
      (
        select
          e.id
        from
          event e
        where
          e.tenant_id = $1
          and e.account_id = $2
          and e.time >= $3
          and e.time < $4
          and e.time <= coalesce(
            (
              select
                time
              from
                last
            ) + interval '300000 milliseconds',
            'infinity'::timestamptz
          )
        offset
          0
      ) e
      cross join lateral (
        select
          event_id,
          sequence,
          leaf_hash
        from
          audit_entry n
        where
          n.event_id = e.id
          and n.tenant_id = $1
          and n.sequence > $5
        offset
          0
      ) n
    order by
      n.sequence asc
    limit
      $6
  ) n
  join event e on e.id = n.event_id
  left join app_user u on u.id = e.user_ref
  and u.tenant_id = e.tenant_id
order by
  n.sequence asc
