with
  due as materialized (
    select
      tenant_id,
      day,
      part
    from
      sms_spend
    where
      day < current_date - 62
      and true
    order by
      day
    limit
      1000
    for update
      skip locked
  )
delete from sms_spend t using due
where
  t.tenant_id = due.tenant_id
  and t.day = due.day
  and t.part = due.part
returning
  1
