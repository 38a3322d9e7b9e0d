select
  id
from
  tenant
where
  name = $1
order by
  created_at
limit
  1
