with
  due as materialized (
    select
      subject_id,
      device_id
    from
      code
    where
      expires_at < now() - interval '1 day'
      and true
    order by
      expires_at
    limit
      1000
    for update
      skip locked
  )
delete from code t using due
where
  t.subject_id = due.subject_id
  and t.device_id = due.device_id
returning
  1
