select
  tenant_id as "tenantId",
  size
from
  audit_log
where
  tenant_id = any ($1::text[])
