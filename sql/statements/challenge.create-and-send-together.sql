with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (
        n int,
        challenge_id text,
        tenant_id text,
        user_ref text,
        purpose text,
        application text,
        device_id text,
        enroll boolean,
        max_checks int,
        detail_sealed text,
        seconds float8,
        user_agent_sealed text,
        place text,
        known boolean,
        events jsonb,
        send jsonb,
        quota_key text,
        quota_bound int
      )
    limit
      16
  ),
  present as (
    select
      asked.*
    from
      asked
      join app_user u on u.id = asked.user_ref
    for key share of
      u skip locked
  ),
  wish as (
    select
      c.*,
      decode(c.quota_key, 'base64') as window_key,
      decode(s.pace_key, 'base64') as pace_key,
      (now() at time zone s.zone)::date as today,
      make_interval(secs => s.resend_after) as pause,
      c.send ->> 'device_id' as to_device,
      s.code_id,
      s.ttl,
      s.address_mac,
      s.limits,
      s.per_hour,
      s.zone,
      s.delivery_id,
      s.channel,
      s.country,
      s.prefix,
      s.payload,
      s.request_id
    from
      present c,
      jsonb_to_record(c.send) as s (
        code_id text,
        ttl int,
        resend_after int,
        address_mac text,
        limits jsonb,
        pace_key text,
        per_hour int,
        zone text,
        delivery_id text,
        channel text,
        country text,
        prefix text,
        payload text,
        request_id text
      )
  ),
  held as (
    select
      w.*
    from
      (
        select
          w.*,
          w.today::timestamp at time zone 'UTC' as starts_at,
          pg_try_advisory_xact_lock(hashtextextended (encode(w.window_key, 'base64'), 0)) as got
        from
          wish w
        where
          not exists (
            select
            from
              jsonb_to_recordset(w.limits) as l (key text, bound numeric, counts text, rule text)
            where
              case
                when l.rule is null then l.key <> w.quota_key
                when exists (
                  select
                  from
                    device x
                  where
                    x.tenant_id = w.tenant_id
                    and x.address_mac = decode(w.address_mac, 'base64')
                    and x.status = 'verified'
                    and x.last_used_at > now() - interval '30 days'
                ) then false
                when l.counts = 'spend' then l.bound <= (
                  select
                    coalesce(sum(s.cost), 0)
                  from
                    sms_spend s
                  where
                    s.tenant_id = w.tenant_id
                    and s.day = (now() at time zone 'UTC')::date
                )
                else true
              end
          )
        offset
          0
      ) w
    where
      w.got
  ),
  roomy as (
    select
      h.*
    from
      held h
      left join send_window q on q.key = h.window_key
      and q.starts_at = h.starts_at
    where
      q.key is null
      or q.lifted_at is not null
      or q.sent < h.quota_bound
  ),
  pace_row as (
    insert into
      send_pace as p (key, ready_at, hour_starts_at, hour_sent)
    select
      pace_key,
      clock_timestamp() + pause,
      clock_timestamp(),
      1
    from
      roomy
    on conflict (key) do update
    set
      ready_at = greatest(
        least(
          p.ready_at,
          clock_timestamp() + 3 * (
            select
              r.pause
            from
              roomy r
            where
              r.pace_key = excluded.key
          )
        ),
        clock_timestamp()
      ) + (
        select
          r.pause
        from
          roomy r
        where
          r.pace_key = excluded.key
      ),
      hour_starts_at = case
        when p.hour_starts_at > clock_timestamp() - interval '1 hour' then p.hour_starts_at
        else clock_timestamp()
      end,
      hour_sent = case
        when p.hour_starts_at > clock_timestamp() - interval '1 hour' then p.hour_sent + 1
        else 1
      end
    where
      least(
        p.ready_at,
        clock_timestamp() + 3 * (
          select
            r.pause
          from
            roomy r
          where
            r.pace_key = excluded.key
        )
      ) <= clock_timestamp() + 2 * (
        select
          r.pause
        from
          roomy r
        where
          r.pace_key = excluded.key
      )
      and (
        p.hour_starts_at <= clock_timestamp() - interval '1 hour'
        or p.hour_sent < (
          select
            r.per_hour
          from
            roomy r
          where
            r.pace_key = excluded.key
        )
      )
    returning
      p.key
  ),
  charged as (
    insert into
      send_window as q (key, starts_at, sent, tenant_id)
    select
      r.window_key,
      r.starts_at,
      1,
      r.tenant_id
    from
      roomy r
      join pace_row p on p.key = r.pace_key
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    where
      q.lifted_at is not null
      or q.sent < (
        select
          r.quota_bound
        from
          roomy r
        where
          r.window_key = excluded.key
      )
    returning
      q.key,
      q.sent
  ),
  sending as (
    select
      r.*,
      true as sent,
      false as quota_exceeded,
      null::text as blocked_by,
      c.sent as quota_used,
      (r.today + 1)::timestamp at time zone r.zone as resets_at,
      now() + make_interval(secs => r.ttl) as code_expires_at,
      null::int as retry_after
    from
      roomy r
      join charged c on c.key = r.window_key
  ),
  code_row as (
    insert into
      code (subject_id, device_id, id, expires_at)
    select
      challenge_id,
      to_device,
      code_id,
      code_expires_at
    from
      sending
  ),
  delivery_row as (
    insert into
      delivery (
        id,
        tenant_id,
        user_id,
        device_id,
        challenge_id,
        channel,
        kind,
        country,
        prefix,
        payload_sealed,
        request_id,
        expires_at
      )
    select
      delivery_id,
      tenant_id,
      user_ref,
      to_device,
      challenge_id,
      channel,
      'code',
      country,
      prefix,
      decode(payload, 'base64'),
      request_id,
      code_expires_at
    from
      sending
  ),
  opened as (
    insert into
      challenge (
        id,
        tenant_id,
        user_id,
        purpose,
        application,
        device_id,
        enroll,
        max_checks,
        detail_sealed,
        expires_at,
        user_agent_sealed,
        place,
        known
      )
    select
      challenge_id,
      tenant_id,
      user_ref,
      purpose,
      application,
      device_id,
      enroll,
      max_checks,
      decode(detail_sealed, 'base64'),
      now() + make_interval(secs => seconds),
      decode(user_agent_sealed, 'base64'),
      decode(place, 'base64'),
      known
    from
      sending
    returning
      id,
      expires_at as "expiresAt"
  ),
  guard as (
    select
      events,
      case
        when sending.sent then array['sent']
        when sending.blocked_by is not null then array['blocked']
        when sending.quota_exceeded then array['quota_exceeded']
        else array[]::text[]
      end as outcomes,
      jsonb_build_object(
        'code.requested',
        jsonb_build_object('expiresAt', to_char(sending.code_expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
        'code.blocked',
        jsonb_build_object('rule', sending.blocked_by)
      ) as patch
    from
      sending
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
      guard g
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
  sending.n,
  o."expiresAt",
  sending.sent,
  sending.quota_exceeded as "quotaExceeded",
  sending.blocked_by as "blockedBy",
  sending.quota_used as "quotaUsed",
  sending.resets_at as "resetsAt",
  sending.code_expires_at as "codeExpiresAt",
  sending.retry_after as "retryAfter"
from
  sending
  join opened o on o.id = sending.challenge_id
