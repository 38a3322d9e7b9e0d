with
  due as materialized (
    select
      key
    from
      send_pace
    where
      ready_at < now() - interval '1 day'
      and true
    order by
      ready_at
    limit
      1000
    for update
      skip locked
  )
delete from send_pace t using due
where
  t.key = due.key
returning
  1
