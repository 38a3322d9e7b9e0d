with
  due as materialized (
    select
      key
    from
      idempotent_answer
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
delete from idempotent_answer t using due
where
  t.key = due.key
returning
  1
