select
  extract(
    epoch
    from
      clock_timestamp() - created_at
  )::float8 as seconds
from
  outbox
where
  published_at is null
  and set_aside_at is null
  and job = any ($1)
order by
  created_at
limit
  1
