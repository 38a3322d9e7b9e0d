with
  due as materialized (
    select
      key
    from
      address_guess
    where
      last_at < now() - interval '1 day'
      and true
    order by
      last_at
    limit
      1000
    for update
      skip locked
  )
delete from address_guess t using due
where
  t.key = due.key
returning
  1
