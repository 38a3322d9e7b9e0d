with
  locked_user as (
    select
      id
    from
      app_user
    where
      id = $1
      and enrolled_at is not null
    for no key update
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
      and ($2::jsonb ->> 'challengeId') is not null
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
      c.id = ($2::jsonb ->> 'challengeId')
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
        and ($2::jsonb -> 'methods') ? g.method
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
      $3::text,
      ($2::jsonb ->> 'expiresAt')::timestamptz
    from
      locked_user g,
      given a
    where
      a.purpose = 'regenerate_recovery_codes'
      and a.approved_device_id is not distinct from $2::jsonb ->> 'deviceId'
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
      $3::text is null
      or exists (
        select
        from
          used
      )
  ),
  -- The pool names the set in force, so two regenerations at once leave one whole set. Its counter and lock stay.
  pool as (
    insert into
      recovery_pool as p (user_id, set_id, codes_left)
    select
      locked_user.id,
      $4,
      cardinality($5::bytea[])
    from
      locked_user,
      proof
    on conflict (user_id) do update
    set
      set_id = excluded.set_id,
      codes_left = excluded.codes_left,
      generated_at = clock_timestamp(),
      acknowledged_at = null,
      enrolment_device_id = null
    returning
      user_id
  ),
  old_codes as (
    delete from recovery_code r using pool
    where
      r.user_id = pool.user_id
  ),
  new_codes as (
    insert into
      recovery_code (user_id, mac, set_id)
    select
      user_id,
      unnest($5::bytea[]),
      $4
    from
      pool
  ),
  guard as (
    select
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      pool
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
              $6::jsonb as c
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
  user_id
from
  pool
