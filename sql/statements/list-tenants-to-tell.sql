select
  id
from
  tenant
order by
  id
