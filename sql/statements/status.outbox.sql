select
  job,
  count(*) filter (
    where
      published_at is null
  )::int as unpublished,
  count(*) filter (
    where
      published_at is not null
  )::int as published,
  coalesce(
    extract(
      epoch
      from
        clock_timestamp() - min(created_at)
    ),
    0
  )::float8 as "oldestSeconds"
from
  outbox
where
  set_aside_at is null
group by
  job
order by
  job
