with
  hour as (
    insert into
      send_window as q (key, starts_at, sent)
    values
      ($1, date_trunc('hour', now()), 1)
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    returning
      sent,
      starts_at + interval '1 hour' as ends_at
  ),
  day as (
    insert into
      send_window as q (key, starts_at, sent)
    values
      ($2, date_trunc('day', now(), 'UTC'), 1)
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    returning
      sent,
      starts_at + interval '1 day' as ends_at
  )
select
  hour.sent as "inHour",
  hour.ends_at as "hourEnds",
  day.sent as "inDay",
  day.ends_at as "dayEnds"
from
  hour,
  day
