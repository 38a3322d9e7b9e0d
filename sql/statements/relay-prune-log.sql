select
  up_to as "upTo",
  events,
  to_char(older_than at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "olderThan"
from
  prune_log ($1, 5000)
