with
  made as (
    insert into
      webhook_delivery (id, tenant_id, webhook_id, event_id)
    select
      *
    from
      unnest($1::text[], $2::text[], $3::text[], $4::text[])
    on conflict do nothing
    returning
      id
  )
insert into
  outbox (id, job, payload)
select
  id,
  'deliver-webhook',
  jsonb_strip_nulls(jsonb_build_object('deliveryId', id, 'traceparent', $5::text))
from
  made
