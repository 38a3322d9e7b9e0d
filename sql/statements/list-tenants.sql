select
  id,
  name,
  created_at as "createdAt"
from
  tenant
order by
  id
