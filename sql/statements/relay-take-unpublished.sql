select
  id,
  job,
  payload,
  publications,
  coalesce(
    o.payload ->> 'tenantId',
    (
      select
        tenant_id
      from
        delivery d
      where
        d.id = o.payload ->> 'deliveryId'
    ),
    (
      select
        tenant_id
      from
        webhook_delivery w
      where
        w.id = o.payload ->> 'deliveryId'
    )
  ) as "tenantId"
from
  outbox o
where
  published_at is null
  and job = any ($1)
order by
  created_at
limit
  $2
for update of
  o skip locked
