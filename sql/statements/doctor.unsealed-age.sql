select
  extract(
    epoch
    from
      clock_timestamp() - e.time
  )::float8 as seconds
from
  audit_cursor c,
  lateral (
    select
      e.time
    from
      event e
    where
      e.tx >= c.tx
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
  ) e
