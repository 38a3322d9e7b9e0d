with
  code as materialized (
    select
      l.id,
      l.country,
      l.device_id,
      l.challenge_id,
      l.expires_at,
      t.provider,
      t.started_at,
      t.price,
      t.receipt,
      t.receipt_at
    from
      delivery l
      join delivery_attempt t on t.delivery_id = l.id
      and t.number = 1
    where
      l.id >= $1
      and l.id < $2
      and l.created_at >= $3::timestamptz
      and l.created_at < $4::timestamptz
      and l.channel = $5
      and l.kind = 'code'
      and l.device_id is not null
      and not case
        when l.challenge_id is not null then exists (
          select
          from
            delivery o
          where
            o.challenge_id = l.challenge_id
            and o.device_id = l.device_id
            and o.id < l.id
        )
        else exists (
          select
          from
            delivery o
          where
            o.device_id = l.device_id
            and o.challenge_id is null
            and o.kind = 'code'
            and o.id < l.id
            and o.created_at > l.created_at - interval '10 minutes'
        )
      end
  ),
  judged as (
    select
      c.country,
      c.provider,
      substring(
        c.price
        from
          '^(\d{1,8}(?:\.\d{1,10})?)(?: [A-Z]{3})?$'
      )::numeric as price,
      case
        when e.at <= c.started_at + interval '120 seconds'
        and not case
          when c.challenge_id is not null then exists (
            select
            from
              delivery o
              join delivery_attempt a on a.delivery_id = o.id
            where
              o.challenge_id = c.challenge_id
              and o.device_id = c.device_id
              and a.started_at > c.started_at
              and a.started_at < e.at
          )
          else exists (
            select
            from
              delivery o
              join delivery_attempt a on a.delivery_id = o.id
            where
              o.device_id = c.device_id
              and o.challenge_id is null
              and o.kind = 'code'
              and a.started_at > c.started_at
              and a.started_at < e.at
          )
        end then (
          extract(
            epoch
            from
              e.at - c.started_at
          ) * 1000
        )::float8
      end as entry_ms,
      case
        when c.receipt = 'delivered' then greatest(
          0,
          (
            extract(
              epoch
              from
                c.receipt_at - c.started_at
            ) * 1000
          )::float8
        )
      end as receipt_ms
    from
      code c
      cross join lateral (
        select
          case
            when c.challenge_id is not null then (
              select
                g.ended_at
              from
                challenge g
              where
                g.id = c.challenge_id
                and g.status = 'approved'
                and g.approved_device_id = c.device_id
                and g.ended_at >= c.started_at
            )
            else (
              select
                min(x.at)
              from
                device v
                cross join lateral (
                  values
                    (v.verified_at),
                    (v.address_changed_at)
                ) x (at)
              where
                v.id = c.device_id
                and x.at >= c.started_at
                and x.at <= c.expires_at
            )
          end as at
      ) e
  )
select
  country,
  provider as route,
  count(*)::int as codes,
  count(entry_ms)::int as entered,
  coalesce(sum(entry_ms), 0) as "entryMs",
  (
    count(receipt_ms) filter (
      where
        entry_ms is not null
    )
  )::int as receipts,
  coalesce(
    sum(receipt_ms) filter (
      where
        entry_ms is not null
    ),
    0
  ) as "receiptMs",
  count(price)::int as priced,
  coalesce(sum(price), 0)::float8 as cost
from
  judged
group by
  grouping sets ((country, provider), (provider))
  -- Those of no country are in the sum alone.
having
  grouping(country) = 1
  or country is not null
