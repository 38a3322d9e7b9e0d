with
  due as materialized (
    select
      id
    from
      used_proof
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
delete from used_proof t using due
where
  t.id = due.id
returning
  1
