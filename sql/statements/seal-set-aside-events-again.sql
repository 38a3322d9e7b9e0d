with
  back as (
    delete from unsealable_event
    where
      event_id = any ($1)
    returning
      event_id
  ),
  moved as (
    update audit_cursor c
    set
      tx = least(c.tx, f.tx)
    from
      (
        select
          e.tx
        from
          back b
          join event e on e.id = b.event_id
        order by
          e.tx
        limit
          1
      ) f
    where
      c.id = 1
  )
select
  event_id as "eventId"
from
  back
