with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, group_id text)
    limit
      16
  ),
  done as (
    delete from outbox
    where
      id in (
        select
          group_id
        from
          asked
      )
  )
select
  n
from
  asked
