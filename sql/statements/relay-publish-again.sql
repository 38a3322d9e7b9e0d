update outbox o
set
  published_at = null,
  left_until = null
from
  unnest($1::text[], $2::int[]) as s (id, publications)
where
  o.id = s.id
  and o.publications = s.publications
  and o.published_at is not null
  and o.set_aside_at is null
returning
  o.id
