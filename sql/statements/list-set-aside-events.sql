select
  s.event_id as "eventId",
  s.tenant_id as "tenantId",
  e.type,
  s.reason,
  s.set_aside_at as "setAsideAt"
from
  unsealable_event s
  left join event e on e.id = s.event_id
order by
  s.set_aside_at,
  s.event_id
