with
  due as materialized (
    select
      id
    from
      trusted_browser
    where
      expires_at <= now()
      and true
    order by
      expires_at
    limit
      1000
    for update
      skip locked
  )
delete from trusted_browser t using due
where
  t.id = due.id
returning
  1
