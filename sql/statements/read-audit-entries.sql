select
  a.sequence,
  a.leaf_hash as "leafHash",
  coalesce(a.sequence <= p.size, false) as "isPruned",
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
  audit_entry a
  left join audit_pruned p on p.tenant_id = a.tenant_id
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
where
  a.tenant_id = $1
  and a.sequence > $2::bigint
  and a.sequence <= $2::bigint + 500
order by
  a.sequence
