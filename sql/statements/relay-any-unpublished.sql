select
  id
from
  outbox
where
  published_at is null
  and job = any ($1)
limit
  1
