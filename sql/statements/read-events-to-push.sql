with
  behind as (
    select
      l.tenant_id,
      coalesce(p.sequence, 0) as sequence,
      l.size,
      p.updated_at
    from
      audit_log l
      left join audit_collector_position p on p.collector = $1
      and p.tenant_id = l.tenant_id
    where
      l.size > coalesce(p.sequence, 0)
      and (
        $2::text[] is null
        or l.tenant_id = any ($2::text[])
      )
    order by
      p.updated_at nulls first,
      l.tenant_id
    limit
      50
  )
select
  a.tenant_id as "logTenantId",
  a.sequence,
  a.leaf_hash as "leafHash",
  e.id,
  e.tenant_id as "tenantId",
  e.tx::text as tx,
  e.type,
  to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
  e.account_id as "accountId",
  e.user_id as "userId",
  e.user_ref as "userRef",
  e.request_id as "requestId",
  t.data,
  t.sealed as "personalSealed"
from
  (
    select
      a.*,
      b.updated_at
    from
      behind b
      cross join lateral (
        select
          a.tenant_id,
          a.sequence,
          a.leaf_hash,
          a.event_id
        from
          audit_entry a
        where
          a.tenant_id = b.tenant_id
          and a.sequence > b.sequence
          and a.sequence <= b.sequence + 500
          and a.sequence <= b.size
        order by
          a.sequence
      ) a
    order by
      b.updated_at nulls first,
      a.tenant_id,
      a.sequence
    limit
      500
  ) a
  left join event e on e.id = a.event_id
  left join lateral (
    select
      data,
      e.personal_sealed as sealed
    from
      (
        select
          e.data::text as data
        offset
          0
      ) written
    where
      octet_length(data) <= 4096
      and coalesce(octet_length(e.personal_sealed), 0) <= 4096
  ) t on true
order by
  a.updated_at nulls first,
  a.tenant_id,
  a.sequence
