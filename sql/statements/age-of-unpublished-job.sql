with recursive
  line as (
    (
      select
        line,
        created_at
      from
        outbox
      where
        published_at is null
      order by
        line,
        created_at
      limit
        1
    )
    union all
    select
      next.line,
      next.created_at
    from
      line l
      cross join lateral (
        select
          line,
          created_at
        from
          outbox
        where
          published_at is null
          and line > l.line
        order by
          line,
          created_at
        limit
          1
      ) next
  )
select
  extract(
    epoch
    from
      clock_timestamp() - min(o.created_at)
  )::float8 as seconds
from
  line l
  cross join lateral (
    select
      created_at
    from
      outbox
    where
      line = l.line
      and published_at is null
      and set_aside_at is null
      and job = any ($1)
    order by
      created_at
    limit
      1
  ) o
having
  count(*) > 0
