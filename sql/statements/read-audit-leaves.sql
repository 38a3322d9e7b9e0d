select
  sequence,
  leaf_hash as hash
from
  audit_entry
where
  tenant_id = $1
  and sequence > $2::bigint
  and sequence <= $2::bigint + 10000
order by
  sequence
