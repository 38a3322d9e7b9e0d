with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, delivery_id text, wait_ms float8, drop_job bool)
    limit
      16
  ),
  free as (
    select
      d.id
    from
      webhook_delivery d
    where
      d.id in (
        select
          delivery_id
        from
          asked
      )
      and d.status = 'queued'
      and (
        d.lease_until is null
        or d.lease_until < clock_timestamp()
      )
    for no key update
      skip locked
  ),
  put_off as (
    update webhook_delivery d
    set
      next_attempt_at = clock_timestamp() + asked.wait_ms * interval '1 millisecond'
    from
      free
      join asked on asked.delivery_id = free.id
    where
      d.id = free.id
    returning
      d.id,
      asked.n,
      asked.drop_job
  ),
  done as (
    delete from outbox
    where
      payload ->> 'deliveryId' = any (
        array(
          select
            id
          from
            put_off
          where
            drop_job
        )
      )
  )
select
  n
from
  put_off
