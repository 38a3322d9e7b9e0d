select
  id,
  to_char(used_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "usedSince",
  to_char(retired_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "retiredAt",
  extract(
    epoch
    from
      now() - used_since
  )::float8 as "usedFor"
from
  known_key
where
  kind = $1
order by
  known_since,
  id
