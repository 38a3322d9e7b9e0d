select
  n.sequence,
  e.time
from
  audit_entry n
  join event e on e.id = n.event_id
where
  n.event_id = $1
  and n.tenant_id = $2
