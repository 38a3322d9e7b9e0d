update audit_collector
set
  holder = null,
  lease_until = null
where
  name = $1
  and holder = $2
