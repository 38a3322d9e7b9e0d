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
  ),
  served as (
    select
      line
    from
      line
    order by
      created_at
    limit
      $1
  ),
  taken as (
    select
      o.id
    from
      served s
      cross join lateral (
        select
          id
        from
          outbox
        where
          published_at is null
          and job = any ($2)
          and line = s.line
        order by
          created_at
        limit
          (
            select
              $1 / count(*)
            from
              served
          )
        for update
          skip locked
      ) o
  ),
  published as (
    update outbox
    set
      published_at = clock_timestamp(),
      left_until = null,
      publications = publications + 1
    where
      id = any (
        array(
          select
            id
          from
            taken
        )
      )
    returning
      id,
      job,
      line,
      payload,
      publications - 1 as publications,
      created_at
  )
select
  id,
  job,
  line,
  payload,
  publications
from
  published
order by
  created_at
