with
  settled as (
    update webhook_delivery d
    set
      status = $1,
      lease_until = null,
      next_attempt_at = case
        when $1 = 'queued' then clock_timestamp() + $2::float8 * interval '1 millisecond'
        else d.next_attempt_at
      end,
      last_http_status = $3,
      last_error = $4,
      ended_at = case
        when $1 <> 'queued' then clock_timestamp()
      end
    where
      d.id = $5
      and d.status = 'queued'
      and d.fence = $6
    returning
      d.id,
      d.tenant_id,
      d.fence,
      d.next_attempt_at,
      d.webhook_id
  ),
  -- With it, those before it that told no end.
  attempt as (
    update webhook_attempt a
    set
      ended_at = clock_timestamp(),
      http_status = case
        when number = $6 then $3::int
      end,
      error = case
        when number = $6 then $4
        else 'worker-lost'
      end,
      duration_ms = case
        when number = $6 then $7::int
      end
    where
      delivery_id = $5
      and number <= $6
      and ended_at is null
  ),
  -- Its row is written once a minute, or all its deliveries would wait for each other.
  endpoint as (
    update webhook w
    set
      failing_since = coalesce(w.failing_since, clock_timestamp()),
      failed_at = clock_timestamp(),
      failing_for = (
        w.failing_for + least(clock_timestamp() - coalesce(w.failed_at, clock_timestamp()), interval '14 hours')
      ),
      status = case
        when case
          when $3::int = 410 then 'gone'
          when (
            w.failing_for + least(clock_timestamp() - coalesce(w.failed_at, clock_timestamp()), interval '14 hours')
          ) >= $8::float8 * interval '1 millisecond' then 'failing'
        end is null then w.status
        else 'disabled'
      end,
      disabled_reason = coalesce(
        case
          when $3::int = 410 then 'gone'
          when (
            w.failing_for + least(clock_timestamp() - coalesce(w.failed_at, clock_timestamp()), interval '14 hours')
          ) >= $8::float8 * interval '1 millisecond' then 'failing'
        end,
        w.disabled_reason
      ),
      disabled_at = case
        when case
          when $3::int = 410 then 'gone'
          when (
            w.failing_for + least(clock_timestamp() - coalesce(w.failed_at, clock_timestamp()), interval '14 hours')
          ) >= $8::float8 * interval '1 millisecond' then 'failing'
        end is null then w.disabled_at
        else clock_timestamp()
      end
    from
      settled s
    where
      w.id = s.webhook_id
      and w.status = 'enabled'
      and (
        w.failed_at is null
        or w.failed_at < clock_timestamp() - interval '1 minute'
        or case
          when $3::int = 410 then 'gone'
          when (
            w.failing_for + least(clock_timestamp() - coalesce(w.failed_at, clock_timestamp()), interval '14 hours')
          ) >= $8::float8 * interval '1 millisecond' then 'failing'
        end is not null
      )
    returning
      w.disabled_reason as reason,
      w.status = 'disabled' as disabled
  ),
  done as (
    delete from outbox
    where
      (
        $1 <> 'queued'
        or $9
      )
      and payload ->> 'deliveryId' = $5
      and exists (
        select
        from
          settled
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
      settled w
    where
      $1 = 'queued'
      and not $9
      and not exists (
        select
        from
          outbox o
        where
          o.payload ->> 'deliveryId' = w.id
      )
    on conflict (id) do nothing
  ),
  fact as (
    select
      array[reason] as outcomes,
      '{}'::jsonb as patch
    from
      endpoint
    where
      disabled
  ),
  new_event as (
    select
      e.*,
      w.tenant_id,
      w.account_id,
      w.user_id,
      w.user_ref as user_ref,
      w.request_id,
      w.done_by,
      coalesce(g.patch -> e.type, '{}'::jsonb) as patch
    from
      fact g
      -- Not flattened, so that it is parsed once; and no event carries the others along: 2,500 at once took 15 s.
      cross join lateral (
        select
          c ->> 'tenantId' as tenant_id,
          c ->> 'accountId' as account_id,
          c ->> 'userId' as user_id,
          c ->> 'userRef' as user_ref,
          c ->> 'requestId' as request_id,
          c -> 'byOutcome' as by_outcome,
          coalesce(nullif(c -> 'by', 'null'), '{}') as done_by
        from
          (
            select
              $10::jsonb as c
            offset
              0
          ) context
        offset
          0
      ) w
      cross join unnest(array_prepend('always', g.outcomes)) as o (outcome)
      cross join jsonb_to_recordset(w.by_outcome -> o.outcome) as e (id text, type text, data jsonb, personal text, job text, payload jsonb)
  ),
  recorded as (
    insert into
      event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data, personal_sealed)
    select
      id,
      tenant_id,
      type,
      account_id,
      user_id,
      user_ref,
      request_id,
      data || patch || done_by,
      decode(personal, 'base64')
    from
      new_event
  ),
  enqueued as (
    insert into
      outbox (id, job, line, payload)
    select
      id,
      job,
      coalesce(tenant_id, ''),
      payload
    from
      new_event
    where
      job is not null
  )
select
  coalesce(
    (
      select
        disabled
      from
        endpoint
    ),
    false
  ) as disabled
from
  settled
