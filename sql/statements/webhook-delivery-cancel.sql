with
  canceled as (
    update webhook_delivery d
    set
      status = 'canceled',
      lease_until = null,
      ended_at = clock_timestamp()
    where
      d.id in ($1)
      and d.status = 'queued'
      and not exists (
        select
        from
          webhook w
        where
          w.id = d.webhook_id
          and w.status = 'enabled'
      )
    returning
      d.id
  ),
  done as (
    delete from outbox o using canceled
    where
      o.payload ->> 'deliveryId' = canceled.id
  )
select
  id
from
  canceled
