with
  held as materialized (
    select
      d.id,
      d.tenant_id,
      d.challenge_id,
      d.channel,
      d.status,
      d.fence,
      d.lease_until,
      d.next_attempt_at,
      d.expires_at,
      d.awaits_receipt,
      coalesce(d.failed_attempts, '{}') as failed
    from
      delivery d
    where
      d.id = $1
    for no key update
  ),
  meant as (
    select
      m.number
    from
      held h
      cross join lateral (
        select
          t.number,
          t.provider_reference = $2::text as exact,
          count(*) over () as found
        from
          delivery_attempt t
        where
          t.delivery_id = h.id
          and t.provider = $3
          and (
            t.provider_reference = $2::text
            or t.provider_reference is null
            or $2::text is null
          )
        order by
          exact desc nulls last,
          t.number desc
        limit
          1
      ) m
    where
      m.exact
      or m.found = 1
      or $4::text = 'delivered'
  ),
  noted as (
    update delivery_attempt t
    set
      receipt = $4,
      receipt_at = case
        when $5::timestamptz between t.started_at and clock_timestamp() then $5::timestamptz
        else clock_timestamp()
      end,
      receipt_error = $6,
      price = coalesce($7, t.price),
      -- Whoever tells what became of a message has taken it, whatever came of its answer.
      spent = coalesce(
        substring(
          $7::text
          from
            '^(\d{1,8}(?:\.\d{1,10})?)(?: [A-Z]{3})?$'
        )::numeric,
        t.spent,
        substring(
          t.price
          from
            '^(\d{1,8}(?:\.\d{1,10})?)(?: [A-Z]{3})?$'
        )::numeric,
        0
      ),
      spent_before = t.spent,
      provider_reference = coalesce(t.provider_reference, $2)
    from
      held h
      cross join meant m
    where
      t.delivery_id = h.id
      and t.number = m.number
      and (
        t.receipt is null
        or t.receipt = 'failed'
        and $4 = 'delivered'
      )
    returning
      t.number,
      t.provider,
      t.provider_reference,
      t.ended_at,
      t.spent,
      t.spent_before,
      extract(
        epoch
        from
          (t.receipt_at - t.started_at)
      )::float8 as took
  ),
  -- Those besides it that may have arrived. Which attempts failed, the locked row knows best.
  other as (
    select
      count(*) filter (
        where
          t.outcome is distinct from 'unknown'
      ) as under_way,
      count(*) as all
    from
      held h
      join delivery_attempt t on t.delivery_id = h.id
    where
      t.number not in (
        select
          number
        from
          noted
      )
      and t.number <> all (h.failed)
      and (
        t.outcome is null
        or t.outcome in ('sent', 'unknown')
      )
  ),
  ending as (
    select
      h.*,
      n.number,
      n.provider,
      n.provider_reference,
      n.took,
      case
        when $4 = 'delivered' then 'delivered'
        when h.status = 'sent'
        and o.under_way = 0 then case
          when h.awaits_receipt
          and h.expires_at > clock_timestamp() + interval '1 second'
          and coalesce(
            (
              select
                c.status
              from
                challenge c
              where
                c.id = h.challenge_id
            ),
            'pending'
          ) = 'pending' then 'queued'
          when o.all = 0 then 'failed'
          -- It may have arrived: it waits for its end.
          else 'sending'
        end
        when h.status = 'sending'
        and h.lease_until is null
        and h.next_attempt_at >= h.expires_at
        and o.all = 0 then 'failed'
        else h.status
      end as becomes
    from
      held h
      cross join noted n
      cross join other o
  ),
  ended as (
    update delivery d
    set
      status = e.becomes,
      payload_sealed = null,
      awaits_receipt = false,
      lease_until = null,
      next_attempt_at = case
        when e.becomes = 'sending' then d.expires_at
        else d.next_attempt_at
      end,
      provider = e.provider,
      provider_reference = e.provider_reference,
      error = case
        when e.becomes <> 'delivered' then $6
      end,
      sent_at = case e.becomes
        when 'delivered' then coalesce(d.sent_at, clock_timestamp())
        when 'failed' then d.sent_at
      end,
      ended_at = case
        when e.becomes <> 'sending' then clock_timestamp()
      end,
      failed_attempts = case
        when $4 = 'failed' then array_append(d.failed_attempts, e.number)
        else d.failed_attempts
      end
    from
      ending e
    where
      d.id = e.id
      and e.becomes <> e.status
      and e.becomes <> 'queued'
    returning
      d.id,
      d.tenant_id,
      d.user_id,
      d.device_id,
      d.challenge_id,
      d.channel,
      d.kind,
      d.request_id,
      d.fence,
      d.provider,
      e.becomes
  ),
  kept as (
    update delivery d
    set
      status = e.becomes,
      awaits_receipt = d.awaits_receipt
      and e.becomes = 'sent',
      next_attempt_at = case
        when e.becomes = e.status then d.next_attempt_at
        else clock_timestamp()
      end,
      sent_at = case
        when e.becomes = e.status then d.sent_at
      end,
      failed_attempts = array_append(d.failed_attempts, e.number)
    from
      ending e
    where
      d.id = e.id
      and $4 = 'failed'
      and (
        e.becomes = e.status
        or e.becomes = 'queued'
      )
    returning
      d.id,
      e.becomes
  ),
  done as (
    delete from outbox o using ended e
    where
      o.payload ->> 'deliveryId' = e.id
  ),
  -- Its job waits in the queue for the end of the wait: published again, it is done now.
  again as (
    update outbox o
    set
      published_at = null,
      left_until = null
    from
      kept k
    where
      k.becomes = 'queued'
      and o.payload ->> 'deliveryId' = k.id
      and o.published_at is not null
      and o.set_aside_at is null
  ),
  -- On the day on which it was counted.
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
          h.tenant_id,
          n.spent,
          n.spent_before,
          (
            case
              when n.spent_before is null then now()
              else coalesce(n.ended_at, now())
            end at time zone 'UTC'
          )::date as day
        from
          noted n
          cross join held h
        where
          h.channel = 'sms'
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
  -- Looked at first: the row would be locked by each receipt.
  source as (
    insert into
      receipt_source as s (provider)
    select
      provider
    from
      noted
    where
      not exists (
        select
        from
          receipt_source s
        where
          s.provider = $3
          and s.missing = 0
          and s.last_at > now() - interval '1 minute'
      )
    on conflict (provider) do update
    set
      last_at = excluded.last_at,
      missing = 0
  ),
  recorded as (
    insert into
      event (id, type, tenant_id, account_id, user_id, user_ref, request_id, data)
    select
      (array[$8]::text[]) [row_number() over ()],
      type,
      tenant_id,
      account_id,
      user_id,
      user_ref,
      request_id,
      data
    from
      (
        select
          'code.delivered' as type,
          d.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          d.request_id as request_id,
          jsonb_strip_nulls(
            jsonb_build_object(
              'deliveryId',
              d.id,
              'deviceId',
              d.device_id,
              'method',
              d.channel,
              'attempts',
              d.fence,
              'challengeId',
              d.challenge_id,
              'provider',
              d.provider
            )
          ) as data
        from
          ended d
          join app_user u on u.id = d.user_id
          join account a on a.id = u.account_id
        where
          d.becomes = 'delivered'
          and d.kind = 'code'
          and d.device_id is not null
        union all
        select
          'code.failed' as type,
          d.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          d.request_id as request_id,
          jsonb_strip_nulls(
            jsonb_build_object(
              'deliveryId',
              d.id,
              'deviceId',
              d.device_id,
              'method',
              d.channel,
              'attempts',
              d.fence,
              'challengeId',
              d.challenge_id,
              'error',
              $6::text
            )
          ) as data
        from
          ended d
          join app_user u on u.id = d.user_id
          join account a on a.id = u.account_id
        where
          d.becomes = 'failed'
          and d.kind = 'code'
          and d.device_id is not null
        union all
        select
          'notice.failed' as type,
          d.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          d.request_id as request_id,
          jsonb_strip_nulls(
            jsonb_build_object(
              'deliveryId',
              d.id,
              'deviceId',
              d.device_id,
              'method',
              d.channel,
              'attempts',
              d.fence,
              'error',
              $6::text
            )
          ) as data
        from
          ended d
          left join app_user u on u.id = d.user_id
          left join account a on a.id = u.account_id
        where
          d.becomes = 'failed'
          and d.kind <> 'code'
      ) told
  )
select
  number,
  status as was,
  becomes,
  took
from
  ending
