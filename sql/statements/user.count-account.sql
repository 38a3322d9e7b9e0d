select
  u.second_factor as "secondFactor",
  count(u.second_factor)::int as users
from
  account a
  left join app_user u on u.account_id = a.id
where
  a.tenant_id = $1
  and a.external_id = $2
group by
  1
