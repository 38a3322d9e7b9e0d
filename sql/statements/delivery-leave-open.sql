with
  left_open as (
    update delivery
    set
      status = case
        when sent_at is null then 'sending'
        else 'sent'
      end,
      payload_sealed = null,
      lease_until = null,
      awaits_receipt = false,
      next_attempt_at = expires_at
    where
      id = $1
      and fence = $2
      and status in ('queued', 'sending')
      and (
        lease_until is null
        or lease_until < clock_timestamp()
      )
      and next_attempt_at <= clock_timestamp()
    returning
      id
  ),
  lost as (
    update delivery_attempt
    set
      outcome = 'unknown',
      error = 'worker-lost',
      ended_at = clock_timestamp()
    where
      delivery_id = $1
      and outcome is null
      and exists (
        select
        from
          left_open
      )
  ),
  done as (
    delete from outbox
    where
      payload ->> 'deliveryId' = $1
      and exists (
        select
        from
          left_open
      )
  )
select
  id
from
  left_open
