with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, delivery_id text, wait_ms float8, drop_job bool)
    limit
      32
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
      d.tenant_id,
      d.fence,
      d.next_attempt_at,
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
  ),
  own_jobs as (
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
      put_off w
    where
      not w.drop_job
      and not exists (
        select
        from
          outbox o
        where
          o.payload ->> 'deliveryId' = w.id
      )
    on conflict (id) do nothing
  )
select
  n
from
  put_off
