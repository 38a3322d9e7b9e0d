with
  open_challenge as (
    select
      id
    from
      challenge
    where
      id = $1
      and status = 'pending'
      and expires_at > now()
    for no key update
  ),
  send as (
    select
      s.*,
      (now() at time zone s.zone)::date as today,
      make_interval(secs => s.resend_after) as pause
    from
      open_challenge,
      jsonb_to_record($2::jsonb) as s (
        tenant_id text,
        user_ref text,
        subject_id text,
        device_id text,
        challenge_id text,
        code_id text,
        ttl int,
        max_sends int,
        resend_after int,
        address_mac text,
        limits jsonb,
        pace_key text,
        per_hour int,
        guess_key text,
        zone text,
        delivery_id text,
        channel text,
        country text,
        prefix text,
        payload text,
        request_id text
      )
  ),
  proven as (
    select
      1
    from
      send
    where
      exists (
        select
        from
          device x
        where
          x.tenant_id = send.tenant_id
          and x.address_mac = decode(send.address_mac, 'base64')
          and x.status = 'verified'
          and x.last_used_at > now() - interval '30 days'
      )
  ),
  limit_wanted as (
    select
      l.n,
      decode(l.key, 'base64') as key,
      l.bound,
      l.counts,
      l.rule,
      l.label,
      case l.lasts
        when 'hour' then date_trunc('hour', now())
        when 'day' then send.today::timestamp at time zone 'UTC'
        else date_trunc('day', now(), 'UTC')
      end as starts_at,
      case l.lasts
        when 'hour' then date_trunc('hour', now()) + interval '1 hour'
        when 'day' then (send.today + 1)::timestamp at time zone send.zone
        else date_trunc('day', now(), 'UTC') + interval '1 day'
      end as ends_at
    from
      send,
      jsonb_to_recordset(send.limits) as l (n int, key text, bound numeric, counts text, lasts text, rule text, label text)
    where
      l.rule is null
      or not exists (
        select
        from
          proven
      )
  ),
  limit_held as (
    select
      count(pg_advisory_xact_lock(hashtextextended (encode(key, 'base64'), 0))) as count
    from
      (
        select
          n,
          key
        from
          limit_wanted
        order by
          n
        offset
          0
      ) w
  ),
  limit_now as (
    select
      w.n,
      q.sent,
      q.approved,
      q.lifted_at
    from
      limit_wanted w
      join send_window q on q.key = w.key
      and q.starts_at = w.starts_at
    where
      (
        select
          count
        from
          limit_held
      ) is not null
    order by
      w.n
    for update of
      q
  ),
  limit_full as (
    select
      w.n,
      w.rule,
      w.ends_at
    from
      limit_wanted w
      left join limit_now q on q.n = w.n
    where
      q.lifted_at is null
      and case w.counts
        when 'sent' then coalesce(q.sent, 0) >= w.bound
        when 'unanswered' then coalesce(q.sent - q.approved, 0) >= w.bound
        when 'ratio' then q.sent >= 50
        and q.approved * 100 < q.sent * w.bound
        when 'spend' then w.bound <= (
          select
            (
              select
                coalesce(sum(s.cost), 0)
              from
                sms_spend s
              where
                s.tenant_id = send.tenant_id
                and s.day = (now() at time zone 'UTC')::date
            )
          from
            send
        )
        else true
      end
  ),
  -- By the clock: whoever waited for the row began before those that it waited for.
  pace_now as (
    select
      p.*
    from
      send
      join send_pace p on p.key = decode(send.pace_key, 'base64')
    where
      (
        select
          count
        from
          limit_held
      ) is not null
    for update of
      p
  ),
  -- No later than by the pause of the policy now, which may have become shorter.
  pace_then as (
    select
      least(p.ready_at, clock_timestamp() + 3 * send.pause) as ready_at,
      p.hour_starts_at,
      p.hour_sent
    from
      pace_now p,
      send
  ),
  too_soon as (
    select
      greatest(
        p.ready_at - 2 * send.pause,
        case
          when p.hour_sent >= send.per_hour then p.hour_starts_at + interval '1 hour'
        end
      ) as ends_at
    from
      pace_then p,
      send
    where
      p.ready_at > clock_timestamp() + 2 * send.pause
      or (
        p.hour_sent >= send.per_hour
        and p.hour_starts_at > clock_timestamp() - interval '1 hour'
      )
  ),
  code_row as (
    insert into
      code as c (subject_id, device_id, id, expires_at)
    select
      subject_id,
      device_id,
      code_id,
      now() + make_interval(secs => ttl)
    from
      send
    where
      not exists (
        select
        from
          limit_full
      )
      and not exists (
        select
        from
          too_soon
      )
    on conflict (subject_id, device_id) do update
    set
      id = excluded.id,
      expires_at = case
        when c.id = excluded.id then c.expires_at
        else excluded.expires_at
      end,
      sends = c.sends + 1,
      last_sent_at = now(),
      consumed_at = null
    where
      c.sends < (
        select
          max_sends
        from
          send
      )
      and c.last_sent_at <= now() - (
        select
          pause
        from
          send
      )
      and (
        c.id = excluded.id
        or c.expires_at <= now()
      )
    returning
      c.id,
      c.expires_at
  ),
  pace_row as (
    insert into
      send_pace as p (key, ready_at, hour_starts_at, hour_sent)
    select
      decode(pace_key, 'base64'),
      clock_timestamp() + pause,
      clock_timestamp(),
      1
    from
      send,
      code_row
    where
      pace_key is not null
    on conflict (key) do update
    set
      ready_at = greatest(
        least(
          p.ready_at,
          clock_timestamp() + 3 * (
            select
              pause
            from
              send
          )
        ),
        clock_timestamp()
      ) + (
        select
          pause
        from
          send
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
            pause
          from
            send
        )
      ) <= clock_timestamp() + 2 * (
        select
          pause
        from
          send
      )
      and (
        p.hour_starts_at <= clock_timestamp() - interval '1 hour'
        or p.hour_sent < (
          select
            per_hour
          from
            send
        )
      )
    returning
      p.key
  ),
  paced as (
    select
      1
    from
      send,
      code_row
    where
      pace_key is null
      or exists (
        select
        from
          pace_row
      )
  ),
  charged_2 as (
    insert into
      send_window as q (key, starts_at, sent, tenant_id, rule, label)
    select
      w.key,
      w.starts_at,
      1,
      send.tenant_id,
      w.rule,
      w.label
    from
      limit_wanted w,
      send,
      paced
    where
      w.n = 2
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    where
      exists (
        select
        from
          limit_wanted w
        where
          w.n = 2
          and (
            q.lifted_at is not null
            or case w.counts
              when 'sent' then q.sent < w.bound
              when 'unanswered' then q.sent - q.approved < w.bound
              else q.sent < 50
              or q.approved * 100 >= q.sent * w.bound
            end
          )
      )
    returning
      q.sent
  ),
  passed_2 as (
    select
      1
    from
      paced
    where
      not exists (
        select
        from
          limit_wanted
        where
          n = 2
      )
      or exists (
        select
        from
          charged_2
      )
  ),
  charged_3 as (
    insert into
      send_window as q (key, starts_at, sent, tenant_id, rule, label)
    select
      w.key,
      w.starts_at,
      1,
      send.tenant_id,
      w.rule,
      w.label
    from
      limit_wanted w,
      send,
      passed_2
    where
      w.n = 3
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    where
      exists (
        select
        from
          limit_wanted w
        where
          w.n = 3
          and (
            q.lifted_at is not null
            or case w.counts
              when 'sent' then q.sent < w.bound
              when 'unanswered' then q.sent - q.approved < w.bound
              else q.sent < 50
              or q.approved * 100 >= q.sent * w.bound
            end
          )
      )
    returning
      q.sent
  ),
  passed_3 as (
    select
      1
    from
      passed_2
    where
      not exists (
        select
        from
          limit_wanted
        where
          n = 3
      )
      or exists (
        select
        from
          charged_3
      )
  ),
  refused as (
    select
      n,
      rule,
      ends_at
    from
      limit_full
    union all
    select
      w.n,
      w.rule,
      w.ends_at
    from
      limit_wanted w,
      paced
    where
      (
        w.n = 2
        and not exists (
          select
          from
            charged_2
        )
      )
      or (
        w.n = 3
        and not exists (
          select
          from
            charged_3
        )
      )
    order by
      n
    limit
      1
  ),
  -- What refused is there to be seen, and to be lifted.
  block_row as (
    insert into
      send_window as q (key, starts_at, tenant_id, rule, label, blocked_at, refused)
    select
      w.key,
      w.starts_at,
      send.tenant_id,
      w.rule,
      w.label,
      now(),
      1
    from
      refused r
      join limit_wanted w on w.n = r.n,
      send
    where
      r.rule is not null
    on conflict (key, starts_at) do update
    set
      blocked_at = coalesce(q.blocked_at, now()),
      refused = q.refused + 1
  ),
  sending as (
    select
      exists (
        select
        from
          passed_3
      ) as sent,
      refused.n is not null
      and refused.rule is null as quota_exceeded,
      refused.rule as blocked_by,
      coalesce(
        (
          select
            sent
          from
            charged_3
        ),
        (
          select
            sent
          from
            limit_now
          where
            n = 3
        )
      ) as quota_used,
      ((send.today + 1)::timestamp at time zone send.zone) as resets_at,
      code_row.expires_at as code_expires_at,
      ceil(
        extract(
          epoch
          from
            coalesce(refused.ends_at, too_soon.ends_at) - clock_timestamp()
        )
      )::int as retry_after
    from
      send
      left join code_row on true
      left join refused on true
      left join too_soon on true
  ),
  -- There before the first guess, so that guesses wait for each other.
  guess_row as (
    insert into
      address_guess (key, wrong_codes)
    select
      decode(guess_key, 'base64'),
      0
    from
      send,
      sending
    where
      guess_key is not null
      and sending.sent
    on conflict (key) do nothing
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
      send.delivery_id,
      send.tenant_id,
      send.user_ref,
      send.device_id,
      send.challenge_id,
      send.channel,
      'code',
      send.country,
      send.prefix,
      decode(send.payload, 'base64'),
      send.request_id,
      sending.code_expires_at
    from
      send,
      sending
    where
      sending.sent
  ),
  guard as (
    select
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
  sending.sent,
  sending.quota_exceeded as "quotaExceeded",
  sending.blocked_by as "blockedBy",
  sending.quota_used as "quotaUsed",
  sending.resets_at as "resetsAt",
  sending.code_expires_at as "codeExpiresAt",
  sending.retry_after as "retryAfter"
from
  sending
