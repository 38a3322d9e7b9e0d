select
  w.id as "webhookId",
  w.tenant_id as "tenantId",
  w.contact_sealed as "contactSealed",
  w.contact_locale as "contactLocale",
  t.policy as "tenantPolicy",
  e.data
from
  event e
  join webhook w on w.id = e.data ->> 'webhookId'
  and w.tenant_id = e.tenant_id
  join tenant t on t.id = w.tenant_id
where
  e.id = $1
  and e.type = 'webhook.disabled'
  and e.data ->> 'reason' <> 'manual'
  and w.status = 'disabled'
  and w.contact_sealed is not null
