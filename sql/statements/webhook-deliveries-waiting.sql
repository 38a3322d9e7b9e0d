select
  count(*) as deliveries,
  coalesce(
    extract(
      epoch
      from
        clock_timestamp() - min(created_at)
    ),
    0
  )::float8 as "oldestSeconds",
  greatest(
    extract(
      epoch
      from
        clock_timestamp() - min(next_attempt_at) filter (
          where
            (lease_until > clock_timestamp()) is not true
        )
    ),
    0
  )::float8 as "overdueSeconds"
from
  webhook_delivery
where
  status = 'queued'
