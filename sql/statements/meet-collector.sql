with
  met as (
    insert into
      audit_collector (name)
    values
      ($1)
    on conflict do nothing
    returning
      name
  )
insert into
  audit_collector_position (collector, tenant_id, sequence)
select
  met.name,
  l.tenant_id,
  l.size
from
  met
  cross join audit_log l
where
  $2::boolean
on conflict do nothing
