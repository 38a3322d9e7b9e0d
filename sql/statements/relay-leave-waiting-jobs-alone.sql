update outbox o
set
  left_until = now() + least(now() - o.published_at, $1 * interval '1 second')
from
  unnest($2::text[], $3::int[]) as s (id, publications)
where
  o.id = s.id
  and o.publications = s.publications
  and o.published_at is not null
  and o.set_aside_at is null
returning
  o.id
