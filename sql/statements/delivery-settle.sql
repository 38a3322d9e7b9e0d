with
  asked as (
    select
      0 as n,
      $1::text as id,
      $2::int as number,
      $3::text as status,
      $4::text as provider,
      $5::text as outcome,
      $6::text as reference,
      $7::text as error,
      $8::text as price,
      $9::float8 as wait,
      $10::bool as another,
      $11::jsonb as events
  ),
  held as (
    select
      *
    from
      asked
  ),
  ending as (
    select
      c.*,
      -- A first attempt has none before it.
      case
        when c.number > 1 then exists (
          select
          from
            delivery_attempt t
          where
            t.delivery_id = c.id
            and t.number <> c.number
            and (
              t.outcome is null
              or t.outcome = 'unknown'
            )
            and t.receipt is distinct from 'failed'
        )
        else false
      end as doubted,
      case
        when c.status = 'sent'
        and c.another
        and c.wait > 0 then exists (
          select
          from
            receipt_source s
          where
            s.provider = c.provider
            and s.missing < 10
        )
        else false
      end as awaits
    from
      held c
  ),
  settled as (
    update delivery d
    set
      status = case
        when (
          e.status = 'failed'
          or (
            e.status = 'sent'
            and (e.number = any (d.failed_attempts)) is true
          )
          and not e.another
        ) then case
          when d.sent_at is not null then 'sent'
          when e.doubted then 'sending'
          else 'failed'
        end
        when (
          e.status = 'sent'
          and (e.number = any (d.failed_attempts)) is true
        ) then 'queued'
        else e.status
      end,
      lease_until = null,
      awaits_receipt = (
        e.status = 'sent'
        and e.awaits
        and not (
          e.status = 'sent'
          and (e.number = any (d.failed_attempts)) is true
        )
      ),
      payload_sealed = case
        when e.status in ('queued', 'sending')
        or (
          e.status = 'sent'
          and e.awaits
          and not (
            e.status = 'sent'
            and (e.number = any (d.failed_attempts)) is true
          )
        )
        or (
          e.status = 'sent'
          and (e.number = any (d.failed_attempts)) is true
        )
        and e.another then d.payload_sealed
      end,
      next_attempt_at = case
        when e.status in ('queued', 'sending')
        or (
          e.status = 'sent'
          and e.awaits
          and not (
            e.status = 'sent'
            and (e.number = any (d.failed_attempts)) is true
          )
        ) then least(clock_timestamp() + e.wait * interval '1 millisecond', d.expires_at)
        when (
          e.status = 'failed'
          or (
            e.status = 'sent'
            and (e.number = any (d.failed_attempts)) is true
          )
          and not e.another
        )
        and e.doubted
        and d.sent_at is null then d.expires_at
        else d.next_attempt_at
      end,
      provider = case
        when (
          (
            e.status = 'failed'
            or (
              e.status = 'sent'
              and (e.number = any (d.failed_attempts)) is true
            )
            and not e.another
          )
          and d.sent_at is not null
        ) then d.provider
        else e.provider
      end,
      provider_reference = case
        when (
          (
            e.status = 'failed'
            or (
              e.status = 'sent'
              and (e.number = any (d.failed_attempts)) is true
            )
            and not e.another
          )
          and d.sent_at is not null
        ) then d.provider_reference
        else e.reference
      end,
      error = case
        when (
          (
            e.status = 'failed'
            or (
              e.status = 'sent'
              and (e.number = any (d.failed_attempts)) is true
            )
            and not e.another
          )
          and d.sent_at is not null
        ) then d.error
        when (
          e.status = 'sent'
          and (e.number = any (d.failed_attempts)) is true
        ) then 'receipt-failed'
        else e.error
      end,
      sent_at = case
        when e.status = 'sent'
        and not (
          e.status = 'sent'
          and (e.number = any (d.failed_attempts)) is true
        ) then clock_timestamp()
        else d.sent_at
      end,
      ended_at = case
        when (
          e.status = 'failed'
          or (
            e.status = 'sent'
            and (e.number = any (d.failed_attempts)) is true
          )
          and not e.another
        )
        and d.sent_at is null
        and not e.doubted then clock_timestamp()
      end
    from
      ending e
    where
      d.id = e.id
      and d.status || '' in ('queued', 'sending')
      and (
        e.status = 'sent'
        and not (
          e.status = 'sent'
          and (e.number = any (d.failed_attempts)) is true
        )
        or d.fence = e.number
        and d.status = 'sending'
      )
    returning
      e.n,
      d.id,
      e.status as asked,
      e.events,
      d.status,
      d.awaits_receipt as awaits,
      (
        e.status = 'sent'
        and (e.number = any (d.failed_attempts)) is true
      ) as refuted,
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
    update delivery_attempt t
    set
      ended_at = clock_timestamp(),
      outcome = case
        when t.number = c.number then c.outcome
        else 'unknown'
      end,
      error = case
        when t.number = c.number then c.error
        else 'worker-lost'
      end,
      provider_reference = case
        when t.number = c.number then coalesce(c.reference, t.provider_reference)
        else t.provider_reference
      end,
      price = (
        case
          when t.number <> c.number then t.price
          when t.receipt is null then coalesce(c.price, t.price)
          else coalesce(t.price, c.price)
        end
      ),
      -- Every message that was taken costs, a repeat too.
      spent = case
        when t.number = c.number
        and c.outcome = 'sent' then coalesce(
          substring(
            (
              case
                when t.number <> c.number then t.price
                when t.receipt is null then coalesce(c.price, t.price)
                else coalesce(t.price, c.price)
              end
            )
            from
              '^(\d{1,8}(?:\.\d{1,10})?)(?: [A-Z]{3})?$'
          )::numeric,
          0
        )
        else t.spent
      end,
      spent_before = t.spent
    from
      held c
    where
      t.delivery_id = c.id
      and (
        t.number = c.number
        and t.outcome is distinct from 'sent'
        or t.number < c.number
        and t.outcome is null
      )
    returning
      t.delivery_id,
      t.spent,
      t.spent_before
  ),
  spent as (
    insert into
      sms_spend as s (tenant_id, day, part, messages, cost)
    select
      tenant_id,
      day,
      (
        select
          floor(random() * 8)
      ),
      count(*) filter (
        where
          spent_before is null
      ),
      sum(spent - coalesce(spent_before, 0))
    from
      (
        select
          d.tenant_id,
          (now() at time zone 'UTC')::date as day,
          a.spent,
          a.spent_before
        from
          attempt a
          join delivery d on d.id = a.delivery_id
        where
          d.channel = 'sms'
      ) c
    where
      spent is distinct from spent_before
    group by
      tenant_id,
      day
    order by
      tenant_id,
      day
    on conflict (tenant_id, day, part) do update
    set
      messages = s.messages + excluded.messages,
      cost = s.cost + excluded.cost
  ),
  done as (
    delete from outbox o using settled s
    where
      s.asked in ('sent', 'failed')
      and s.status <> 'queued'
      and not s.awaits
      and o.payload ->> 'deliveryId' = s.id
  ),
  fact as (
    select
      case
        when status = 'sent'
        and refuted then array[]::text[]
        else array[status]
      end as outcomes,
      '{}'::jsonb as patch,
      events
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
              g.events::jsonb as c
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
  n,
  status,
  awaits,
  "dueMs"
from
  settled
