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
  )::float8 as "endsInMs",
  case
    when revoked_at is not null then 'revoked'
    when expires_at <= now() then 'expired'
  end as ended
from
  api_key
where
  hash = $1
