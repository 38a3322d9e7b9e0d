select
  o.id,
  o.job,
  o.payload,
  o.created_at as "createdAt",
  o.publications,
  o.failure,
  o.set_aside_at as "setAsideAt"
from
  outbox o
where
  o.set_aside_at is not null
order by
  o.set_aside_at,
  o.id
