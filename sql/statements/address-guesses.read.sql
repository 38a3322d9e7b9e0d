select
  locked_until as "lockedUntil",
  now() as now
from
  address_guess
where
  key = $1
  and locked_until > now()
