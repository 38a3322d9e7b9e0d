select
  t.name,
  k.name as "keyName"
from
  tenant t
  join api_key k on k.tenant_id = t.id
where
  t.id = $1
  and k.id = $2
