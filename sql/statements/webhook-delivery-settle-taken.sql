with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, delivery_id text, number int, http_status int, duration_ms int)
    limit
      32
  ),
  settled as (
    update webhook_delivery d
    set
      status = 'delivered',
      lease_until = null,
      last_http_status = asked.http_status,
      last_error = null,
      ended_at = clock_timestamp()
    from
      asked
    where
      d.id = asked.delivery_id
      and d.status <> 'delivered'
    returning
      asked.n,
      d.id,
      d.webhook_id
  ),
  -- With it, those before it that told no end.
  attempt as (
    update webhook_attempt a
    set
      ended_at = clock_timestamp(),
      http_status = case
        when a.number = asked.number then asked.http_status
      end,
      error = case
        when a.number < asked.number then 'worker-lost'
      end,
      duration_ms = case
        when a.number = asked.number then asked.duration_ms
      end
    from
      asked
    where
      a.delivery_id = asked.delivery_id
      and a.number <= asked.number
      and a.ended_at is null
  ),
  -- In one order, whoever does it.
  recovered as (
    select
      w.id
    from
      webhook w
    where
      w.id in (
        select
          webhook_id
        from
          settled
      )
      and w.status = 'enabled'
      and w.failing_since is not null
    order by
      w.id
    for no key update
  ),
  endpoint as (
    update webhook w
    set
      failing_since = null,
      failed_at = null,
      failing_for = '0'
    from
      recovered r
    where
      w.id = r.id
  ),
  done as (
    delete from outbox
    where
      payload ->> 'deliveryId' = any (
        array(
          select
            id
          from
            settled
        )
      )
  )
select
  n,
  false as disabled
from
  settled
