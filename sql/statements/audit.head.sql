select
  n.event_id as id,
  n.sequence,
  coalesce(e.time, 'epoch') as time
from
  audit_entry n
  left join event e on e.id = n.event_id
where
  n.tenant_id = $1
order by
  n.sequence desc
limit
  1
