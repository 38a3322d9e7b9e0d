select
  job,
  count(*)::int as jobs,
  extract(
    epoch
    from
      clock_timestamp() - min(since)
  )::float8 as seconds
from
  (
    select
      o.job,
      greatest(o.published_at, d.next_attempt_at, w.next_attempt_at) as since,
      greatest(d.lease_until, w.lease_until) as lease_until
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
  ) published
where
  since < clock_timestamp() - $1 * interval '1 second'
  and (lease_until > clock_timestamp()) is not true
group by
  job
order by
  job
