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
      device t
      join given g on t.id = g.key
    where
      t.secret_sealed = g.seen
    order by
      t.id
    for no key update of
      t skip locked
  )
update device t
set
  secret_sealed = g.fresh
from
  given g
  join held h on h.key = g.key
where
  t.id = g.key
  and t.secret_sealed = g.seen
returning
  t.id as id
