select
  extract(
    epoch
    from
      clock_timestamp() - e.time
  )::float8 as seconds
from
  event e
where
  e.tx >= $1::xid8
  and not exists (
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
  e.tx,
  e.id
limit
  1
