with
  ended as (
    update delivery
    set
      status = case
        when sent_at is null then 'expired'
        else 'sent'
      end,
      payload_sealed = null,
      lease_until = null,
      awaits_receipt = false,
      ended_at = case
        when sent_at is null then clock_timestamp()
      end
    where
      id = $1
      and fence = $2
      and status in ('queued', 'sending')
      and (
        lease_until is null
        or lease_until < clock_timestamp()
      )
      and expires_at <= clock_timestamp()
    returning
      id,
      status
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
          ended
      )
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
  ),
  fact as (
    select
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      ended
    where
      status = 'expired'
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
              $3::jsonb as c
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
  id
from
  ended
