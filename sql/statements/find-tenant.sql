select
  id
from
  tenant
where
  id = $1
