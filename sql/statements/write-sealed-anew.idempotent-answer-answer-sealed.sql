with
  given as (
    select
      decode(g.id, 'hex') as key,
      g.seen,
      g.fresh
    from
      unnest($1::text[], $2::bytea[], $3::bytea[]) as g (id, seen, fresh)
  ),
  held as (
    select
      t.key as key
    from
      idempotent_answer t
      join given g on t.key = g.key
    where
      t.answer_sealed = g.seen
    order by
      t.key
    for no key update of
      t skip locked
  )
update idempotent_answer t
set
  answer_sealed = g.fresh
from
  given g
  join held h on h.key = g.key
where
  t.key = g.key
  and t.answer_sealed = g.seen
returning
  encode(t.key, 'hex') as id
