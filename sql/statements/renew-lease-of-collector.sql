update audit_collector
set
  lease_until = now() + make_interval(secs => 30)
where
  name = $1
  and holder = $2
returning
  name
