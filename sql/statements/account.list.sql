select
  id,
  external_id as "externalId",
  name,
  locale,
  created_at as "createdAt"
from
  account
where
  tenant_id = $1
  and id > $2
order by
  id
limit
  $3
