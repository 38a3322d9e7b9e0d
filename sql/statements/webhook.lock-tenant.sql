select
  id
from
  tenant
where
  id = $1
for no key update
