with
  due as (
    select
      id
    from
      delivery
    where
      awaits_receipt
      and status = 'sent'
      and expires_at <= now()
    order by
      expires_at
    limit
      $1
    for update
      skip locked
  ),
  ended as (
    update delivery d
    set
      payload_sealed = null,
      awaits_receipt = false
    from
      due
    where
      d.id = due.id
    returning
      d.id
  ),
  done as (
    delete from outbox o using ended
    where
      o.payload ->> 'deliveryId' = ended.id
  )
select
  id
from
  ended
