select
  id,
  tenant_id as "tenantId",
  types,
  account_id as "accountId"
from
  webhook
where
  tenant_id = any ($1)
  and status = 'enabled'
