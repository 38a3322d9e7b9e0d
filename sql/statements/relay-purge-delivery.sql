with
  due as materialized (
    select
      id
    from
      delivery
    where
      id < $1
      and expires_at < now() - interval '100 days'
      and status not in ('queued', 'sending')
    order by
      id
    limit
      1000
    for update
      skip locked
  )
delete from delivery t using due
where
  t.id = due.id
returning
  1
