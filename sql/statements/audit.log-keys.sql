select
  vkey
from
  audit_key
where
  tenant_id = $1
order by
  known_since,
  vkey
