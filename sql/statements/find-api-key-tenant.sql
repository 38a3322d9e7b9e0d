select
  tenant_id as "tenantId"
from
  api_key
where
  id = $1
