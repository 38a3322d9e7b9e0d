with
  due as materialized (
    select
      id
    from
      webhook_delivery
    where
      created_at < now() - interval '30 days'
      and true
    order by
      created_at
    limit
      1000
    for update
      skip locked
  )
delete from webhook_delivery t using due
where
  t.id = due.id
returning
  1
