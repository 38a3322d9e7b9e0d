with
  locked_user as (
    select
      id
    from
      app_user
    where
      id = $1
    for no key update
  ),
  locked_device as (
    select
      d.id,
      d.user_id,
      d.wrong_codes,
      d.pending_approval_id
    from
      locked_user,
      device d
    where
      d.id = $2
      and d.user_id = locked_user.id
      and d.status = 'verified'
      and d.pending_id = $3
      and d.pending_expires_at > now()
      and (
        d.locked_until is null
        or d.locked_until <= now()
      )
    for update of
      d
  ),
  granted_owner as (
    select
      id,
      enrolled_at,
      trust_revoked_at
    from
      app_user
    where
      id = $1
      and (
        select
          pending_approval_id
        from
          locked_device
      ) is not null
    for no key update
  ),
  granted_approval as (
    select
      c.id,
      c.purpose,
      c.approved_device_id,
      c.ended_at,
      u.id as user_id,
      u.trust_revoked_at
    from
      granted_owner u,
      challenge c
    where
      c.id = (
        select
          pending_approval_id
        from
          locked_device
      )
      and c.user_id = u.id
      and c.status = 'approved'
      and (
        c.ended_at > u.enrolled_at
        or c.enroll
        and c.ended_at = u.enrolled_at
      )
  ),
  granted_device as (
    select
      g.id,
      g.applications
    from
      granted_approval a,
      device g
    where
      g.id = a.approved_device_id
      and g.user_id = a.user_id
      and (
        g.status = 'verified'
        and $4::jsonb ? g.method
        and a.ended_at > coalesce(g.address_changed_at, '-infinity')
      )
    for update of
      g
  ),
  granted_codes as (
    select
      p.user_id
    from
      granted_approval a,
      recovery_pool p
    where
      a.approved_device_id is null
      and p.user_id = a.user_id
      and (
        p.enrolment_device_id is null
        and p.generated_at < a.ended_at
      )
    for update of
      p
  ),
  granted as (
    select
      a.*,
      (
        select
          applications
        from
          granted_device
      ) as applications
    from
      granted_approval a
    where
      exists (
        select
        from
          granted_device
      )
      or exists (
        select
        from
          granted_codes
      )
  ),
  guesses as (
    select
      wrong_codes,
      locked_until
    from
      address_guess
    where
      key = $5
      and (
        select
          count(*)
        from
          locked_device
      ) > 0
    for update
  ),
  guessable as (
    select
      1
    where
      not exists (
        select
        from
          guesses
        where
          locked_until > now()
      )
  ),
  chargeable as (
    select
      locked_device.*
    from
      locked_device,
      guessable
    where
      exists (
        select
        from
          granted
      )
  ),
  spent_code as (
    update code
    set
      consumed_at = now()
    where
      $6
      and id = $7
      and subject_id = $3
      and device_id = $2
      and consumed_at is null
      and expires_at > now()
      and exists (
        select
        from
          chargeable
      )
    returning
      sends,
      last_sent_at
  ),
  window_wanted as (
    select
      w.n,
      w.key
    from
      spent_code,
      unnest($8::bytea[]) with ordinality as w (key, n)
  ),
  window_held as (
    select
      count(pg_advisory_xact_lock(hashtextextended (encode(key, 'base64'), 0))) as count
    from
      (
        select
          n,
          key
        from
          window_wanted
        order by
          n
        offset
          0
      ) w
  ),
  window_now as (
    select
      q.key,
      q.starts_at,
      spent_code.sends
    from
      spent_code,
      window_wanted w
      join send_window q on q.key = w.key
    where
      (
        select
          count
        from
          window_held
      ) is not null
      and q.starts_at = date_trunc('hour', spent_code.last_sent_at)
    order by
      w.n
    for update of
      q
  ),
  window_answered as (
    update send_window q
    set
      approved = least(q.sent, q.approved + h.sends)
    from
      window_now h
    where
      q.key = h.key
      and q.starts_at = h.starts_at
  ),
  verdict as (
    select
      chargeable.id as device_id,
      chargeable.user_id,
      chargeable.wrong_codes + 1 as wrong,
      $6
      and exists (
        select
        from
          spent_code
      ) as ok
    from
      chargeable
  ),
  consequence as (
    select
      v.*,
      v.ended
      and not (false) as disables,
      case
        when v.ok then 0
        when v.ended then 2592000
        else ($9::int[]) [least(v.wrong, cardinality($9::int[]))]
      end as lock_seconds,
      clock_timestamp() as at
    from
      (
        select
          *,
          not ok
          and wrong >= cardinality($9::int[]) as ended
        from
          verdict
      ) v
  ),
  outcome as (
    select
      *,
      not disables
      and lock_seconds > 0 as locks,
      case
        when not disables
        and lock_seconds > 0 then at + make_interval(secs => lock_seconds)
      end as locked_until
    from
      consequence
  ),
  guess_row as (
    update address_guess g
    set
      wrong_codes = case
        when o.ok then 0
        else g.wrong_codes + 1
      end,
      locked_until = case
        when not o.ok
        and ($9::int[]) [least(g.wrong_codes + 1, cardinality($9::int[]))] > 0 then o.at + make_interval(secs => ($9::int[]) [least(g.wrong_codes + 1, cardinality($9::int[]))])
      end,
      last_at = o.at
    from
      outcome o
    where
      g.key = $5
  ),
  device_row as (
    update device d
    set
      wrong_codes = case
        when o.ok then 0
        else o.wrong
      end,
      locked_until = o.locked_until,
      status = case
        when o.disables then 'disabled'
        else d.status
      end,
      address_sealed = case
        when o.ok then d.pending_sealed
        else d.address_sealed
      end,
      address_mac = case
        when o.ok then d.pending_mac
        else d.address_mac
      end,
      reused = d.reused
      and not o.ok,
      address_changed_at = case
        when o.ok then o.at
        else d.address_changed_at
      end,
      quota_key = case
        when o.ok then d.pending_quota_key
        else d.quota_key
      end,
      pending_id = case
        when not o.ok then d.pending_id
      end,
      pending_sealed = case
        when not o.ok then d.pending_sealed
      end,
      pending_mac = case
        when not o.ok then d.pending_mac
      end,
      pending_quota_key = case
        when not o.ok then d.pending_quota_key
      end,
      pending_expires_at = case
        when not o.ok then d.pending_expires_at
      end,
      pending_approval_id = case
        when not o.ok then d.pending_approval_id
      end
    from
      outcome o
    where
      d.id = o.device_id
  ),
  old_code as (
    update code c
    set
      expires_at = now()
    from
      outcome o
    where
      o.ok
      and c.device_id = o.device_id
      and c.subject_id <> $3
      and c.expires_at > now()
  ),
  browsers as (
    delete from trusted_browser b using outcome o
    where
      o.ok
      and b.device_id = o.device_id
    returning
      b.id
  ),
  lockout_row as (
    insert into
      lockout (id, tenant_id, user_id, subject, device_id, wrong_codes, started_at, locked_until)
    select
      $10,
      $11,
      user_id,
      'device',
      device_id,
      wrong,
      at,
      locked_until
    from
      outcome
    where
      locks
  ),
  changed as (
    select
      1
    from
      outcome
    where
      ok
  ),
  sms_notice_wanted as (
    select distinct
      on (n.number) n.*
    from
      changed,
      jsonb_to_recordset($12::jsonb) as n (
        id text,
        tenant_id text,
        user_ref text,
        device_id text,
        country text,
        prefix text,
        payload text,
        request_id text,
        traceparent text,
        at timestamptz,
        number text
      )
    order by
      n.number,
      n.id
  ),
  sms_notice_counted as (
    insert into
      send_window as q (key, starts_at, sent)
    select
      decode(number, 'base64'),
      date_trunc('day', now(), 'UTC'),
      1
    from
      sms_notice_wanted
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    where
      q.sent < 5
    returning
      key
  ),
  sms_notice as (
    select
      w.*
    from
      sms_notice_wanted w
      join sms_notice_counted c on c.key = decode(w.number, 'base64')
  ),
  notice_row as (
    insert into
      delivery (
        id,
        tenant_id,
        user_id,
        device_id,
        channel,
        kind,
        country,
        prefix,
        payload_sealed,
        request_id,
        next_attempt_at,
        expires_at
      )
    select
      id,
      tenant_id,
      user_ref,
      device_id,
      'sms',
      'notice',
      country,
      prefix,
      decode(payload, 'base64'),
      request_id,
      coalesce(at, now()),
      coalesce(at, now()) + interval '24 hours'
    from
      sms_notice
  ),
  notice_job as (
    insert into
      outbox (id, job, line, payload)
    select
      id,
      'deliver-sms-notice',
      tenant_id,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', id, 'requestId', request_id, 'traceparent', traceparent))
    from
      sms_notice
  ),
  guard as (
    select
      array_remove(
        array[
          case
            when ok then 'changed'
          end,
          case
            when exists (
              select
              from
                browsers
            ) then 'browsers'
          end,
          case
            when not ok then 'rejected'
          end,
          case
            when locks then 'locked'
          end,
          case
            when disables then 'disabled'
          end
        ],
        null
      ) as outcomes,
      jsonb_build_object(
        'lockout.started',
        jsonb_build_object(
          'wrongCodes',
          wrong,
          'lockedUntil',
          to_char(locked_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        ),
        'device.disabled',
        jsonb_build_object('wrongCodes', wrong),
        'trusted_browser.revoked',
        jsonb_build_object(
          'trustedBrowserIds',
          (
            select
              coalesce(
                jsonb_agg(
                  id
                  order by
                    id
                ),
                '[]'::jsonb
              )
            from
              browsers
          )
        )
      ) as patch
    from
      outcome
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
              $13::jsonb as c
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
  ok,
  wrong,
  locked_until as "lockedUntil"
from
  outcome
