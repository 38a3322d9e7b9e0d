with
  found as (
    select
      *
    from
      unnest($1::text[], $2::text[], $3::text[], $4::text[]) as f (event_id, tenant_id, type, reason)
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
  event (id, type, tenant_id, data)
select
  ($5::text[]) [row_number() over ()],
  type,
  tenant_id,
  data
from
  (
    select
      'audit.event_set_aside' as type,
      tenant_id as tenant_id,
      jsonb_build_object('eventId', event_id, 'type', type, 'reason', reason) as data
    from
      found
  ) told
