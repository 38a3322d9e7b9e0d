select
  count(*) as due
from
  (
    select
    from
      lockout
    where
      ended_at is null
      and locked_until <= now()
    limit
      500
  ) found
