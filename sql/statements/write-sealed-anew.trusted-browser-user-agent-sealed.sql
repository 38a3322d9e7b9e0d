with
  given as (
    select
      g.id as key,
      g.seen,
      g.fresh
    from
      unnest($1::text[], $2::bytea[], $3::bytea[]) as g (id, seen, fresh)
  ),
  held as (
    select
      t.id as key
    from
      trusted_browser t
      join given g on t.id = g.key
    where
      t.user_agent_sealed = g.seen
    order by
      t.id
    for no key update of
      t skip locked
  )
update trusted_browser t
set
  user_agent_sealed = g.fresh
from
  given g
  join held h on h.key = g.key
where
  t.id = g.key
  and t.user_agent_sealed = g.seen
returning
  t.id as id
