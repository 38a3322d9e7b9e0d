select
  extract(
    epoch
    from
      clock_timestamp() - e.time
  )::float8 as seconds
from
  event e
where
  not exists (
    select
    from
      audit_entry a
    where
      a.event_id = e.id
  )
  and not exists (
    select
    from
      unsealable_event s
    where
      s.event_id = e.id
  )
order by
  e.time
limit
  1
