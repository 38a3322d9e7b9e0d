select
  size
from
  audit_cosignature
where
  tenant_id = $1
  and witness = $2
  and size <= $3
order by
  size desc
limit
  1
