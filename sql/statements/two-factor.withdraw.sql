with
  locked_user as (
    select
      id
    from
      app_user
    where
      id = $1
      and xmin::text = $2
    for no key update
  ),
  mine as (
    select
      d.id
    from
      locked_user,
      device d
    where
      d.user_id = locked_user.id
    order by
      d.id
    for update of
      d
  ),
  pool as (
    select
      p.user_id
    from
      locked_user,
      recovery_pool p
    where
      p.user_id = locked_user.id
    for update of
      p
  ),
  pending as (
    select
      c.id
    from
      locked_user,
      challenge c
    where
      c.user_id = locked_user.id
      and c.id = any ($3::text[])
      and c.status = 'pending'
    order by
      c.id
    for update of
      c
  ),
  held as (
    select
      locked_user.id,
      (
        select
          count(*)
        from
          mine
      ) + (
        select
          count(*)
        from
          pool
      ) + (
        select
          count(*)
        from
          pending
      ) as n
    from
      locked_user
  ),
  given_owner as (
    select
      id,
      enrolled_at,
      trust_revoked_at
    from
      app_user
    where
      id = $1
      and ($4::jsonb ->> 'challengeId') is not null
    for no key update
  ),
  given_approval as (
    select
      c.id,
      c.purpose,
      c.approved_device_id,
      c.ended_at,
      u.id as user_id,
      u.trust_revoked_at
    from
      given_owner u,
      challenge c
    where
      c.id = ($4::jsonb ->> 'challengeId')
      and c.user_id = u.id
      and c.status = 'approved'
      and (
        c.ended_at > u.enrolled_at
        or c.enroll
        and c.ended_at = u.enrolled_at
      )
  ),
  given_device as (
    select
      g.id,
      g.applications
    from
      given_approval a,
      device g
    where
      g.id = a.approved_device_id
      and g.user_id = a.user_id
      and (
        g.status = 'verified'
        and ($4::jsonb -> 'methods') ? g.method
        and a.ended_at > coalesce(g.address_changed_at, '-infinity')
      )
    for update of
      g
  ),
  given_codes as (
    select
      p.user_id
    from
      given_approval a,
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
  given as (
    select
      a.*,
      (
        select
          applications
        from
          given_device
      ) as applications
    from
      given_approval a
    where
      exists (
        select
        from
          given_device
      )
      or exists (
        select
        from
          given_codes
      )
  ),
  used as (
    insert into
      used_proof (id, expires_at)
    select
      $5::text,
      ($4::jsonb ->> 'expiresAt')::timestamptz
    from
      held g,
      given a
    where
      a.purpose = 'disable'
      and a.approved_device_id is not distinct from $4::jsonb ->> 'deviceId'
      -- Switched off since, it counts no more, even where the devices were kept.
      and a.ended_at > coalesce(a.trust_revoked_at, '-infinity')
      and (
        a.applications is null
        or null::text[] <@ a.applications
      )
    on conflict (id) do nothing
    returning
      id
  ),
  proof as (
    select
      true as ok
    where
      $5::text is null
      or exists (
        select
        from
          used
      )
  ),
  go as (
    select
      held.id,
      clock_timestamp() as at
    from
      held,
      proof
    where
      held.n >= 0
  ),
  user_row as (
    update app_user a
    set
      two_factor_since = null,
      trust_revoked_at = go.at,
      enrolled_at = case
        when $6 then null
        else a.enrolled_at
      end
    from
      go
    where
      a.id = go.id
    returning
      a.id
  ),
  removed as (
    delete from device d using go
    where
      $6
      and d.user_id = go.id
    returning
      d.id
  ),
  pool_row as (
    delete from recovery_pool p using go
    where
      $6
      and p.user_id = go.id
  ),
  code_row as (
    delete from recovery_code r using go
    where
      $6
      and r.user_id = go.id
  ),
  browsers as (
    delete from trusted_browser b using go
    where
      b.user_id = go.id
    returning
      b.id
  ),
  canceled as (
    update challenge c
    set
      status = 'canceled',
      ended_at = go.at
    from
      pending,
      go
    where
      c.id = pending.id
    returning
      c.id
  ),
  unlocked as (
    update lockout l
    set
      ended_at = go.at,
      end_reason = 'removed'
    from
      go
    where
      $6
      and l.id = any ($7::text[])
      and l.user_id = go.id
      and l.ended_at is null
      and l.locked_until > go.at
    returning
      l.id
  ),
  sms_notice_wanted as (
    select distinct
      on (n.number) n.*
    from
      user_row,
      jsonb_to_recordset($8::jsonb) as n (
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
      array(
        select
          id
        from
          removed
        union all
        select
          id
        from
          canceled
        union all
        select
          id
        from
          unlocked
        union all
        select
          'browsers'
        where
          exists (
            select
            from
              browsers
          )
      ) as outcomes,
      jsonb_build_object(
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
      user_row
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
              $9::jsonb as c
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
  exists (
    select
    from
      locked_user
  ) as current,
  exists (
    select
    from
      user_row
  ) as done
