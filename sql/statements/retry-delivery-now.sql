with
  waiting as (
    update delivery
    set
      next_attempt_at = least(next_attempt_at, clock_timestamp())
    where
      id = $1
      and tenant_id = $2
      and status = 'queued'
      and expires_at > clock_timestamp()
    returning
      id
  ),
  again as (
    update outbox o
    set
      published_at = null,
      left_until = null,
      set_aside_at = null,
      failure = null
    from
      waiting w
    where
      o.payload ->> 'deliveryId' = w.id
    returning
      o.id
  )
select
  id,
  (
    select
      count(*)
    from
      again
  ) as jobs
from
  waiting
