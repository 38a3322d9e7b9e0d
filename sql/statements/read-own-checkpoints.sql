select
  tenant_id as "tenantId",
  sequence,
  hash,
  to_char(signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt",
  key_id as "keyId",
  signature
from
  audit_checkpoint
where
  tenant_id = $1
  and sequence > $2
  and key_id = $3
  and (
    $4::timestamptz is null
    or signed_at > $4
  )
order by
  sequence desc
limit
  1000
