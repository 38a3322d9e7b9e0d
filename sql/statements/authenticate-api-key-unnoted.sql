select
  id as "apiKeyId",
  tenant_id as "tenantId",
  application,
  scopes,
  expires_at as "expiresAt",
  (
    extract(
      epoch
      from
        expires_at - now()
    ) * 1000
  )::float8 as "endsInMs"
from
  api_key
where
  hash = $1
  and revoked_at is null
  and (
    expires_at is null
    or expires_at > now()
  )
