update audit_collector
set
  holder = $1,
  lease_until = now() + make_interval(secs => 30)
where
  name = $2
  and (
    holder is null
    or holder = $1
    or lease_until < now()
  )
  and (
    retry_at is null
    or retry_at <= now()
  )
returning
  fault,
  faults
