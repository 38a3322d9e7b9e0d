with
  new_device as (
    select
      *
    from
      jsonb_to_record($1::jsonb) as d (
        id text,
        tenant_id text,
        user_id text,
        method text,
        name text,
        secret text,
        algorithm text,
        digits int,
        period int,
        address text,
        address_mac text,
        quota_key text,
        seconds int,
        applications text[],
        replaces_device_id text,
        approval_id text
      )
  ),
  seen as (
    select
      xmin as version
    from
      app_user
    where
      id = $2
  ),
  locked_user as (
    select
      id,
      xmin as version,
      two_factor_since,
      enrolled_at
    from
      app_user
    where
      id = $2
    for no key update
  ),
  mine as (
    select
      d.*
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
  fitting as (
    select
      new_device.*,
      locked_user.enrolled_at is null as first,
      exists (
        select
        from
          mine x
        where
          x.id = new_device.replaces_device_id
          and x.is_default
      ) as replaces_default
    from
      new_device,
      locked_user,
      seen
    where
      (
        cardinality($3::text[]) = 0
        or (
          locked_user.version = seen.version
          and not exists (
            select
            from
              mine x
            where
              x.status = 'verified'
              and x.method = any ($3::text[])
              and x.method <> new_device.method
              and x.id is distinct from new_device.replaces_device_id
          )
        )
      )
      and (
        new_device.method = any ($4::text[])
        or exists (
          select
          from
            mine x
          where
            x.status = 'verified'
            and x.id <> new_device.id
            and x.id is distinct from new_device.replaces_device_id
            and x.method = any ($4::text[])
        )
      )
      and (
        locked_user.enrolled_at is not null
        or $5::text is not null
      )
      and (
        $6::text is not null
        or (
          locked_user.enrolled_at is null
          or (
            locked_user.version = seen.version
            and not exists (
              select
              from
                mine x
              where
                x.status <> 'unverified'
                and x.id <> new_device.id
            )
          )
        )
      )
      and exists (
        select
        from
          device x
          join app_user o on o.id = x.user_id
        where
          x.tenant_id = new_device.tenant_id
          and x.address_mac = decode(new_device.address_mac, 'base64')
          and x.method = new_device.method
          and x.status = 'verified'
          and o.account_id = $7
      )
  ),
  given_owner as (
    select
      id,
      enrolled_at,
      trust_revoked_at
    from
      app_user
    where
      id = (
        select
          user_id
        from
          new_device
      )
      and ($8::jsonb ->> 'challengeId') is not null
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
      c.id = ($8::jsonb ->> 'challengeId')
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
        and ($8::jsonb -> 'methods') ? g.method
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
      $6::text,
      ($8::jsonb ->> 'expiresAt')::timestamptz
    from
      fitting g,
      given a
    where
      a.purpose = 'add_device'
      and a.approved_device_id is not distinct from $8::jsonb ->> 'deviceId'
      -- Switched off since, it counts no more, even where the devices were kept.
      and a.ended_at > coalesce(a.trust_revoked_at, '-infinity')
      and (
        a.applications is null
        or (
          select
            applications
          from
            new_device
        ) <@ a.applications
      )
    on conflict (id) do nothing
    returning
      id
  ),
  proof as (
    select
      true as ok
    where
      $6::text is null
      or exists (
        select
        from
          used
      )
  ),
  outcome as (
    select
      true as ok,
      f.first,
      f.replaces_default,
      f.user_id,
      f.id as device_id,
      f.replaces_device_id,
      clock_timestamp() as at
    from
      fitting f,
      proof
  ),
  device_row as (
    insert into
      device (
        id,
        tenant_id,
        user_id,
        method,
        name,
        status,
        address_sealed,
        address_mac,
        quota_key,
        enrolment_expires_at,
        applications,
        replaces_device_id,
        verified_at,
        is_default,
        reused
      )
    select
      new_device.id,
      new_device.tenant_id,
      new_device.user_id,
      new_device.method,
      new_device.name,
      'verified',
      decode(new_device.address, 'base64'),
      decode(new_device.address_mac, 'base64'),
      decode(new_device.quota_key, 'base64'),
      now() + make_interval(secs => new_device.seconds),
      new_device.applications,
      new_device.replaces_device_id,
      o.at,
      o.first
      or o.replaces_default,
      not exists (
        select
        from
          mine m
        where
          m.status = 'verified'
          and m.address_mac = decode(new_device.address_mac, 'base64')
      )
    from
      new_device,
      outcome o
    returning
      *
  ),
  user_row as (
    update app_user u
    set
      two_factor_since = case
        when o.first then coalesce(u.two_factor_since, o.at)
        else u.two_factor_since
      end,
      enrolled_at = case
        when o.first then o.at
        else u.enrolled_at
      end
    from
      outcome o
    where
      u.id = o.user_id
      and o.ok
  ),
  other_row as (
    delete from device x using outcome o
    where
      x.user_id = o.user_id
      and x.status = 'unverified'
      and x.id <> o.device_id
      and o.ok
      and o.first
    returning
      x.id
  ),
  replaced_row as (
    delete from device x using outcome o
    where
      x.user_id = o.user_id
      and x.id = o.replaces_device_id
      and x.status <> 'unverified'
      and o.ok
    returning
      x.id
  ),
  browsers as (
    delete from trusted_browser b using replaced_row r
    where
      b.device_id = r.id
    returning
      b.id
  ),
  -- What an enrolment showed that was ended by this device dies with it, also where this one brings no codes.
  shown_row as (
    delete from recovery_pool p using outcome o
    where
      p.user_id = o.user_id
      and o.ok
      and o.first
      and cardinality($9::bytea[]) = 0
      and p.enrolment_device_id <> o.device_id
  ),
  pool_row as (
    insert into
      recovery_pool (user_id, set_id, codes_left)
    select
      user_id,
      $5,
      cardinality($9::bytea[])
    from
      outcome
    where
      ok
      and first
      and cardinality($9::bytea[]) > 0
    on conflict (user_id) do update
    set
      set_id = excluded.set_id,
      codes_left = excluded.codes_left,
      generated_at = clock_timestamp(),
      acknowledged_at = null,
      enrolment_device_id = null,
      wrong_codes = 0
  ),
  recovery_row as (
    insert into
      recovery_code (user_id, mac, set_id)
    select
      user_id,
      unnest($9::bytea[]),
      $5
    from
      outcome
    where
      ok
      and first
  ),
  sms_notice_wanted as (
    select distinct
      on (n.number) n.*
    from
      device_row,
      jsonb_to_recordset($10::jsonb) as n (
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
            when ok then 'verified'
          end,
          case
            when ok
            and first then 'first'
          end,
          case
            when ok
            and first
            and cardinality($9::bytea[]) > 0 then 'recovery'
          end,
          case
            when exists (
              select
              from
                other_row
            ) then 'others'
          end,
          case
            when exists (
              select
              from
                replaced_row
            ) then 'replaced'
          end,
          case
            when exists (
              select
              from
                browsers
            ) then 'browsers'
          end
        ],
        null
      ) as outcomes,
      jsonb_build_object(
        'device.enrolments_ended',
        jsonb_build_object(
          'deviceIds',
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
              other_row
          )
        ),
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
      fitting
  ) as fitting,
  o.first,
  r.created_at as "createdAt",
  r.enrolment_expires_at as "enrolmentExpiresAt",
  r.verified_at as "verifiedAt",
  r.is_default as "isDefault"
from
  (
    select
      1
  ) n
  left join device_row r on true
  left join outcome o on true
