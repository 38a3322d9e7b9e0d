select
  fields
from
  imported_seed
where
  mac = $1
