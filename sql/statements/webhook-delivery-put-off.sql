with
  put_off as (
    update webhook_delivery d
    set
      next_attempt_at = clock_timestamp() + $1::float8 * interval '1 millisecond'
    where
      d.id = $2
      and d.status = 'queued'
      and (
        d.lease_until is null
        or d.lease_until < clock_timestamp()
      )
    returning
      d.id
  )
delete from outbox
where
  $3
  and payload ->> 'deliveryId' = $2
  and exists (
    select
    from
      put_off
  )
