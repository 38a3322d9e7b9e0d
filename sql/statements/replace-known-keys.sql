insert into
  known_key (kind, id, fingerprint, used_since)
select
  kind,
  id,
  fingerprint,
  now()
from
  unnest($1::text[], $2::text[], $3::bytea[]) as k (kind, id, fingerprint)
on conflict (kind, id) do update
set
  fingerprint = excluded.fingerprint,
  known_since = now(),
  used_since = now(),
  retired_at = null
