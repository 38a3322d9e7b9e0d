with
  due as materialized (
    select
      key,
      starts_at
    from
      send_window
    where
      starts_at < now() - interval '3 days'
      and true
    order by
      starts_at
    limit
      1000
    for update
      skip locked
  )
delete from send_window t using due
where
  t.key = due.key
  and t.starts_at = due.starts_at
returning
  1
