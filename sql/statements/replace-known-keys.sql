insert into
  known_key (kind, id, fingerprint)
select
  *
from
  unnest($1::text[], $2::text[], $3::bytea[])
on conflict (kind, id) do update
set
  fingerprint = excluded.fingerprint,
  known_since = now()
