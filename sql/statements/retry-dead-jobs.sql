update outbox o
set
  set_aside_at = null,
  failure = null,
  published_at = null
where
  o.set_aside_at is not null
  and o.id = any ($1)
returning
  o.id,
  o.job
