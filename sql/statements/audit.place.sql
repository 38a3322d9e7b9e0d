select
  n.sequence,
  coalesce(e.time, 'epoch') as time,
  coalesce(p.size, 0) as "prunedUpTo"
from
  audit_entry n
  left join event e on e.id = n.event_id
  left join audit_pruned p on p.tenant_id = n.tenant_id
where
  n.event_id = $1
  and n.tenant_id = $2
