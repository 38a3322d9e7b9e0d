select
  f.name as "secondFactor",
  (
    select
      count(*)::int
    from
      app_user u
    where
      u.tenant_id = $1
      and u.second_factor = f.name
  ) as users
from
  (
    values
      ('enabled'),
      ('disabled'),
      ('service')
  ) f (name)
