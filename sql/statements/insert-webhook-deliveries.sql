with
  made as (
    insert into
      webhook_delivery (id, tenant_id, webhook_id, event_id, group_id)
    select
      *
    from
      unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    on conflict do nothing
    returning
      id,
      tenant_id,
      group_id
  )
insert into
  outbox (id, job, line, payload)
select
  group_id,
  case count(*)
    when 1 then 'deliver-webhook'
    else 'deliver-webhooks'
  end,
  min(tenant_id),
  jsonb_strip_nulls(jsonb_build_object('traceparent', $6::text)) || case count(*)
    when 1 then jsonb_build_object('deliveryId', min(id))
    else jsonb_build_object(
      'groupId',
      group_id,
      'deliveryIds',
      jsonb_agg(
        id
        order by
          id
      )
    )
  end
from
  made
group by
  group_id
