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
  left join event e on e.id = n.event_id
  left join app_user u on u.id = e.user_ref
  and u.tenant_id = e.tenant_id
where
  n.tenant_id = $1
  and n.sequence > $2::bigint
  and n.sequence <= least($2::bigint + 2000, $3::bigint)
  and (
    $4::text is null
    or e.account_id = $4
  )
  and (
    $5::text is null
    or e.user_id = $5
  )
  and (
    $6::text[] is null
    or e.type = any ($6)
  )
  and (
    $7::timestamptz is null
    or e.time >= $7
  )
  and (
    $8::timestamptz is null
    or e.time < $8
  )
order by
  n.sequence
