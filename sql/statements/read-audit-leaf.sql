select
  leaf_hash as hash
from
  audit_entry
where
  tenant_id = $1
  and sequence = $2
