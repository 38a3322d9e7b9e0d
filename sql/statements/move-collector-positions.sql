with
  held as (
    update audit_collector
    set
      lease_until = now() + make_interval(secs => 30),
      retry_at = null,
      fault = null,
      faults = 0
    where
      name = $1
      and holder = $2
    returning
      name
  )
insert into
  audit_collector_position (collector, tenant_id, sequence)
select
  held.name,
  t.tenant_id,
  t.sequence
from
  held
  cross join unnest($3::text[], $4::bigint[]) as t (tenant_id, sequence)
on conflict (collector, tenant_id) do update
set
  sequence = greatest(audit_collector_position.sequence, excluded.sequence),
  updated_at = now()
returning
  tenant_id as "tenantId"
