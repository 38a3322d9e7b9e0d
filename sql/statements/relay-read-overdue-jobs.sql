select
  o.id,
  o.job,
  o.publications
from
  outbox o
  left join lateral (
    select
      next_attempt_at,
      lease_until
    from
      delivery
    where
      id = o.payload ->> 'deliveryId'
    limit
      1
  ) d on true
  left join lateral (
    select
      next_attempt_at,
      lease_until
    from
      webhook_delivery
    where
      id = o.payload ->> 'deliveryId'
    limit
      1
  ) w on true
where
  o.published_at is not null
  and o.set_aside_at is null
  and greatest(o.published_at, o.left_until) < now() - $1 * interval '1 second'
  and greatest(o.published_at, d.next_attempt_at, w.next_attempt_at) < now() - least($1 * o.publications, $2) * interval '1 second'
  and (greatest(d.lease_until, w.lease_until) > now()) is not true
  and o.job = any ($3)
order by
  greatest(o.published_at, o.left_until)
limit
  $4
