with
  looked_at as materialized (
    select
      l.*
    from
      (
        select
          l.id,
          l.kind,
          l.device_id,
          l.challenge_id,
          l.created_at,
          l.expires_at,
          case
            when $1::boolean then l.channel
          end as channel,
          case
            when $2::boolean then l.country
          end as country,
          case
            when $3::boolean then l.prefix
          end as prefix
        from
          delivery l
        where
          l.tenant_id = $4
          and l.id >= $5
          and l.id < $6
          and l.created_at >= $7::timestamptz
          and l.created_at < $8::timestamptz
          and (
            $9::text is null
            or (
              l.challenge_id is null
              or (
                select
                  c.application
                from
                  challenge c
                where
                  c.id = l.challenge_id
              ) = $9
            )
            and coalesce(
              (
                select
                  (
                    d.applications is null
                    or $9 = any (d.applications)
                  )
                from
                  device d
                where
                  d.id = l.device_id
              ),
              true
            )
          )
        order by
          l.id desc
        limit
          100001
      ) l
    order by
      l.id desc
  ),
  counted as (
    select
      *
    from
      looked_at
    order by
      id desc
    limit
      100000
  ),
  attempt as (
    select
      l.channel,
      l.country,
      l.prefix,
      case
        when $10::boolean then t.provider
      end as route,
      t.outcome = 'sent' as sent,
      t.receipt,
      l.kind = 'code' as code,
      regexp_match(t.price, '^(\d{1,8}(?:\.\d{1,10})?)(?: ([A-Z]{3}))?$') as price,
      case
        when t.outcome = 'sent' then (
          extract(
            epoch
            from
              t.ended_at - l.created_at
          ) * 1000
        )::float8
      end as to_provider,
      case
        when t.receipt = 'delivered' then greatest(
          0,
          (
            extract(
              epoch
              from
                t.receipt_at - t.started_at
            ) * 1000
          )::float8
        )
      end as to_receipt,
      case
        when e.at is not null
        and not case
          when l.challenge_id is not null then exists (
            select
            from
              delivery o
              join delivery_attempt a on a.delivery_id = o.id
            where
              o.challenge_id = l.challenge_id
              and o.device_id = l.device_id
              and a.started_at > t.started_at
              and a.started_at < e.at
          )
          else exists (
            select
            from
              delivery o
              join delivery_attempt a on a.delivery_id = o.id
            where
              o.device_id = l.device_id
              and o.challenge_id is null
              and o.kind = 'code'
              and a.started_at > t.started_at
              and a.started_at < e.at
          )
        end then (
          extract(
            epoch
            from
              e.at - t.started_at
          ) * 1000
        )::float8
      end as to_entry
    from
      counted l
      join delivery_attempt t on t.delivery_id = l.id
      cross join lateral (
        select
          case
            when l.kind = 'code' then case
              when l.challenge_id is not null then (
                select
                  g.ended_at
                from
                  challenge g
                where
                  g.id = l.challenge_id
                  and g.status = 'approved'
                  and g.approved_device_id = l.device_id
                  and g.ended_at >= t.started_at
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
                  v.id = l.device_id
                  and x.at >= t.started_at
                  and x.at <= l.expires_at
              )
            end
          end as at
      ) e
  ),
  cost as (
    select
      channel,
      country,
      prefix,
      route,
      json_agg(
        json_build_object('currency', currency, 'amount', amount::text)
        order by
          currency
      ) as costs
    from
      (
        select
          channel,
          country,
          prefix,
          route,
          price[2] as currency,
          sum(price[1]::numeric) as amount
        from
          attempt
        where
          price is not null
        group by
          1,
          2,
          3,
          4,
          5
      ) c
    group by
      1,
      2,
      3,
      4
  ),
  grouped as (
    select
      channel,
      country,
      prefix,
      route,
      count(*)::int as attempts,
      (
        count(*) filter (
          where
            sent
        )
      )::int as sent,
      (
        count(*) filter (
          where
            receipt = 'delivered'
        )
      )::int as delivered,
      (
        count(*) filter (
          where
            receipt = 'failed'
        )
      )::int as undelivered,
      (
        count(*) filter (
          where
            code
        )
      )::int as codes,
      count(to_entry)::int as converted,
      percentile_disc(array[0.5, 0.95]) within group (
        order by
          to_provider
      ) as "toProvider",
      percentile_disc(array[0.5, 0.95]) within group (
        order by
          to_receipt
      ) as "toReceipt",
      percentile_disc(array[0.5, 0.95]) within group (
        order by
          to_entry
      ) as "toEntry"
    from
      attempt
    group by
      1,
      2,
      3,
      4
  )
select
  g.channel,
  g.country,
  g.prefix,
  g.route,
  g.attempts,
  g.sent,
  g.delivered,
  g.undelivered,
  g.codes,
  g.converted,
  coalesce(c.costs, '[]') as costs,
  g."toProvider",
  g."toReceipt",
  g."toEntry",
  (
    select
      case
        when count(*) > 100000 then to_char(
          (
            select
              min(created_at)
            from
              counted
          ) at time zone 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
        )
      end
    from
      looked_at
  ) as "countedFrom"
from
  grouped g
  left join cost c on (c.channel, c.country, c.prefix, c.route) is not distinct from (g.channel, g.country, g.prefix, g.route)
order by
  g.attempts desc,
  g.channel,
  g.route,
  g.country,
  g.prefix
limit
  1000
