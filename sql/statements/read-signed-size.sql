select
  size
from
  audit_checkpoint
where
  tenant_id = $1
order by
  size desc
limit
  1
