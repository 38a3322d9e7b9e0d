update audit_collector
set
  holder = null,
  lease_until = null,
  fault = $1,
  faults = $2,
  retry_at = now() + make_interval(secs => $3::float8 / 1000)
where
  name = $4
  and holder = $5
