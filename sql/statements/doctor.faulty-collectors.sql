select
  name,
  fault
from
  audit_collector
where
  fault is not null
order by
  name
