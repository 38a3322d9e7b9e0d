select
  d.status,
  w.status as "webhookStatus"
from
  webhook w
  left join webhook_delivery d on d.webhook_id = w.id
  and d.id = $1
where
  w.id = $2
  and w.tenant_id = $3
