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
  owner as (
    select
      u.id
    from
      new_device,
      app_user u
    where
      cardinality($2::bytea[]) > 0
      and u.id = new_device.user_id
      and u.enrolled_at is null
    for no key update of
      u
  ),
  still_first as (
    select
      1
    where
      cardinality($2::bytea[]) = 0
      or exists (
        select
        from
          owner
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
      and ($3::jsonb ->> 'challengeId') is not null
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
      c.id = ($3::jsonb ->> 'challengeId')
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
        and ($3::jsonb -> 'methods') ? g.method
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
      $4::text,
      ($3::jsonb ->> 'expiresAt')::timestamptz
    from
      still_first g,
      given a
    where
      a.purpose = 'add_device'
      and a.approved_device_id is not distinct from $3::jsonb ->> 'deviceId'
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
      $4::text is null
      or exists (
        select
        from
          used
      )
  ),
  begun as (
    insert into
      send_window as q (key, starts_at, sent)
    select
      $5,
      date_trunc('hour', now()),
      1
    from
      proof,
      still_first
    on conflict (key, starts_at) do update
    set
      sent = q.sent + 1
    where
      q.sent < 200
    returning
      1
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
        secret_sealed,
        totp_algorithm,
        totp_digits,
        totp_period,
        address_sealed,
        address_mac,
        quota_key,
        enrolment_expires_at,
        applications,
        replaces_device_id,
        approval_id
      )
    select
      new_device.id,
      new_device.tenant_id,
      new_device.user_id,
      new_device.method,
      new_device.name,
      'unverified',
      decode(new_device.secret, 'base64'),
      new_device.algorithm,
      new_device.digits,
      new_device.period,
      decode(new_device.address, 'base64'),
      decode(new_device.address_mac, 'base64'),
      decode(new_device.quota_key, 'base64'),
      now() + make_interval(secs => new_device.seconds),
      new_device.applications,
      new_device.replaces_device_id,
      new_device.approval_id
    from
      new_device,
      begun
    returning
      *
  ),
  pool_row as (
    insert into
      recovery_pool (user_id, set_id, codes_left, enrolment_device_id)
    select
      user_id,
      $6,
      cardinality($2::bytea[]),
      id
    from
      device_row
    where
      cardinality($2::bytea[]) > 0
    on conflict (user_id) do update
    set
      set_id = excluded.set_id,
      codes_left = excluded.codes_left,
      generated_at = clock_timestamp(),
      acknowledged_at = null,
      enrolment_device_id = excluded.enrolment_device_id,
      wrong_codes = 0
  ),
  recovery_row as (
    insert into
      recovery_code (user_id, mac, set_id)
    select
      user_id,
      unnest($2::bytea[]),
      $6
    from
      device_row
  ),
  guard as (
    select
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      device_row
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
              $7::jsonb as c
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
  r.created_at as "createdAt",
  r.enrolment_expires_at as "enrolmentExpiresAt",
  exists (
    select
    from
      proof,
      still_first
  ) as allowed
from
  (
    select
      1
  ) one
  left join device_row r on true
