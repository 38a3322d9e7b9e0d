with
  ended as (
    update delivery d
    set
      awaits_receipt = false,
      payload_sealed = null
    where
      d.id = $1
      and (
        d.status || '' = 'sent'
        and d.awaits_receipt::int = 1
      )
      and d.next_attempt_at <= clock_timestamp()
    returning
      d.id
  ),
  done as (
    delete from outbox
    where
      payload ->> 'deliveryId' = $1
      and exists (
        select
        from
          ended
      )
  )
select
  id
from
  ended
