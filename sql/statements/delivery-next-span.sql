with
  mine as (
    select
      greatest(counted_until, now() - interval '6 hours') as since,
      now() - interval '120 seconds' as ripe
    from
      route_learning
    where
      channel = $1
    for update
      skip locked
  ),
  span as (
    select
      since,
      least(ripe, since + interval '10 minutes') as until,
      ripe
    from
      mine
  )
select
  to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "from",
  to_char(until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until,
  (
    extract(
      epoch
      from
        until - since
    ) * 1000
  )::float8 as ms,
  until < ripe as behind
from
  span
where
  until - since >= make_interval(secs => $2::int)
