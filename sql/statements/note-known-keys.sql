insert into
  known_key (kind, id, fingerprint, used_since)
select
  kind,
  id,
  fingerprint,
  case
    when used then now()
  end
from
  unnest($1::text[], $2::text[], $3::bytea[], $4::boolean[]) as k (kind, id, fingerprint, used)
on conflict (kind, id) do update
set
  used_since = now()
where
  known_key.used_since is null
  and excluded.used_since is not null
