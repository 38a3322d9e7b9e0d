select
  applications
from
  device
where
  id = $1
