select
  size
from
  audit_log
where
  tenant_id = $1
