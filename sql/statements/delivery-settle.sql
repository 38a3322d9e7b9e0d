with
  earlier as (
    select
      case
        when $1 = 'failed'
        and exists (
          select
          from
            delivery_attempt
          where
            delivery_id = $2
            and number <> $3
            and (
              outcome is null
              or outcome = 'unknown'
            )
        ) then 'sending'
        else $1
      end as status
  ),
  settled as (
    update delivery d
    set
      status = earlier.status,
      lease_until = null,
      payload_sealed = case
        when $1 in ('queued', 'sending') then d.payload_sealed
      end,
      next_attempt_at = case
        when $1 in ('queued', 'sending') then least(clock_timestamp() + $4::float8 * interval '1 millisecond', d.expires_at)
        when earlier.status = 'sending' then d.expires_at
        else d.next_attempt_at
      end,
      provider = $5,
      provider_reference = $6,
      error = $7,
      sent_at = case
        when $1 = 'sent' then clock_timestamp()
      end,
      ended_at = case
        when earlier.status = 'failed' then clock_timestamp()
      end
    from
      earlier
    where
      d.id = $2
      and d.status in ('queued', 'sending')
      and (
        $1 = 'sent'
        or (
          d.fence = $3
          and d.status = 'sending'
        )
      )
    returning
      d.id,
      d.status,
      (
        extract(
          epoch
          from
            (d.next_attempt_at - clock_timestamp())
        ) * 1000
      )::float8 as "dueMs"
  ),
  -- With it, those before it that told no end.
  attempt as (
    update delivery_attempt
    set
      ended_at = clock_timestamp(),
      outcome = case
        when number = $3 then $8
        else 'unknown'
      end,
      error = case
        when number = $3 then $7
        else 'worker-lost'
      end,
      provider_reference = case
        when number = $3 then $6
      end,
      price = case
        when number = $3 then $9
      end
    where
      delivery_id = $2
      and (
        number = $3
        and outcome is distinct from 'sent'
        or number < $3
        and outcome is null
      )
    returning
      delivery_id,
      number
  ),
  -- Every message that was taken costs, a repeat too. In parts, so that deliveries of a tenant do not wait for each other.
  spent as (
    insert into
      sms_spend as s (tenant_id, day, part, messages, cost)
    select
      d.tenant_id,
      (now() at time zone 'UTC')::date,
      floor(random() * 8),
      1,
      coalesce($10::numeric, 0)
    from
      attempt a
      join delivery d on d.id = a.delivery_id
    where
      a.number = $3
      and $8 = 'sent'
      and d.channel = 'sms'
    on conflict (tenant_id, day, part) do update
    set
      messages = s.messages + 1,
      cost = s.cost + excluded.cost
  ),
  done as (
    delete from outbox
    where
      $1 in ('sent', 'failed')
      and payload ->> 'deliveryId' = $2
      and exists (
        select
        from
          settled
      )
  ),
  fact as (
    select
      array[status] as outcomes,
      '{}'::jsonb as patch
    from
      settled
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
              $11::jsonb as c
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
      outbox (id, job, payload)
    select
      id,
      job,
      payload
    from
      new_event
    where
      job is not null
  )
select
  status,
  "dueMs"
from
  settled
