with
  due as materialized (
    select
      id
    from
      challenge
    where
      id < $1
      and expires_at < now() - interval '100 days'
      and status <> 'pending'
    order by
      id
    limit
      1000
    for update
      skip locked
  )
delete from challenge t using due
where
  t.id = due.id
returning
  1
