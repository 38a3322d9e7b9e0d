select
  1 as known
from
  pg_timezone_names
where
  lower(name) = lower($1)
limit
  1
