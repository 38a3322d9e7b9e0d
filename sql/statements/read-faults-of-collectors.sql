select
  name as collector,
  fault
from
  audit_collector
where
  name = any ($1::text[])
  and fault is not null
order by
  name
