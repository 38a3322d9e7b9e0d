with
  found as (
    select
      *
    from
      unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as f (event_id, tenant_id, type, reason, told_id)
  ),
  kept as (
    insert into
      unsealable_event (event_id, tenant_id, reason)
    select
      event_id,
      tenant_id,
      reason
    from
      found
  )
insert into
  event (id, tenant_id, type, data)
select
  told_id,
  tenant_id,
  'audit.event_set_aside',
  jsonb_build_object('eventId', event_id, 'type', type, 'reason', reason)
from
  found
