select
  id,
  job,
  payload,
  publications
from
  outbox
where
  published_at is null
  and job = any ($1)
order by
  created_at
limit
  $2
for update
  skip locked
