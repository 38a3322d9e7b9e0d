insert into
  outbox (id, job, line, payload)
select
  w.id || '_' || w.fence || '_' || extract(
    epoch
    from
      w.next_attempt_at
  )::bigint,
  'deliver-webhook',
  w.tenant_id,
  jsonb_build_object('deliveryId', w.id)
from
  webhook_delivery w
where
  w.status = 'queued'
  and w.next_attempt_at <= now()
  and (w.lease_until > now()) is not true
  and not exists (
    select
    from
      outbox o
    where
      o.id = w.group_id
  )
  and not exists (
    select
    from
      outbox o
    where
      o.payload ->> 'deliveryId' = w.id
  )
order by
  w.next_attempt_at
limit
  $1
on conflict (id) do nothing
returning
  id
