with
  due as materialized (
    select
      id
    from
      device
    where
      enrolment_expires_at < now() - interval '1 hour'
      and status = 'unverified'
    order by
      enrolment_expires_at
    limit
      1000
    for update
      skip locked
  )
delete from device t using due
where
  t.id = due.id
returning
  1
