select
  second_factor as "secondFactor",
  count(*)::int as users
from
  app_user
where
  tenant_id = $1
group by
  1
