select
  id,
  name,
  application,
  scopes,
  description,
  created_at as "createdAt",
  expires_at as "expiresAt",
  last_used_at as "lastUsedAt",
  revoked_at as "revokedAt"
from
  api_key
where
  tenant_id = $1
order by
  id
