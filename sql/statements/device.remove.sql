with
  seen as (
    select
      xmin as version
    from
      app_user
    where
      id = $1
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
      id = $1
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
  candidate as (
    select
      m.id,
      m.is_default,
      m.applications,
      locked_user.two_factor_since is null
      and m.verified_at is not null
      and not exists (
        select
        from
          mine x
        where
          x.id <> m.id
          and x.verified_at is not null
      ) as last_proved,
      locked_user.version <> seen.version as changed,
      locked_user.two_factor_since is not null
      and m.status <> 'unverified'
      and not exists (
        select
        from
          mine x
        where
          x.id <> m.id
          and x.status = 'verified'
      ) as last,
      -- Some may answer now, none of the others may without this one.
      locked_user.two_factor_since is not null
      and exists (
        select
        from
          mine able
        where
          able.status = 'verified'
          and (
            able.method = any ($2::text[])
            or able.method = any ($3::text[])
            and exists (
              select
              from
                mine beside
              where
                beside.verified_at is not null
                and beside.method = any ($2::text[])
            )
          )
      )
      and not exists (
        select
        from
          (
            select
              *
            from
              mine
            where
              id <> m.id
          ) able
        where
          able.status = 'verified'
          and (
            able.method = any ($2::text[])
            or able.method = any ($3::text[])
            and exists (
              select
              from
                (
                  select
                    *
                  from
                    mine
                  where
                    id <> m.id
                ) beside
              where
                beside.verified_at is not null
                and beside.method = any ($2::text[])
            )
          )
      ) as last_alone
    from
      locked_user,
      seen,
      mine m
    where
      m.id = $4
  ),
  removable as (
    select
      *
    from
      candidate
    where
      not last
      and not last_alone
      and not (
        last_proved
        and changed
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
      id = $1
      and ($5::jsonb ->> 'challengeId') is not null
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
      c.id = ($5::jsonb ->> 'challengeId')
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
        and ($5::jsonb -> 'methods') ? g.method
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
      ($5::jsonb ->> 'expiresAt')::timestamptz
    from
      removable g,
      given a
    where
      a.purpose = 'remove_device'
      and a.approved_device_id is not distinct from $5::jsonb ->> 'deviceId'
      -- Switched off since, it counts no more, even where the devices were kept.
      and a.ended_at > coalesce(a.trust_revoked_at, '-infinity')
      and (
        a.applications is null
        or g.applications <@ a.applications
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
  gone as (
    delete from device x using mine m,
    removable r,
    proof
    where
      x.id = m.id
      and (
        x.id = r.id
        or r.last_proved
        and m.verified_at is null
      )
    returning
      x.id
  ),
  removed as (
    select
      r.*
    from
      gone
      join removable r using (id)
  ),
  user_row as (
    update app_user a
    set
      enrolled_at = null
    from
      removed r
    where
      r.last_proved
      and a.id = $1
  ),
  pool_row as (
    delete from recovery_pool p using removed r
    where
      p.user_id = $1
      and (
        r.last_proved
        or p.enrolment_device_id = r.id
      )
    returning
      p.user_id
  ),
  code_row as (
    delete from recovery_code c using pool_row p
    where
      c.user_id = p.user_id
  ),
  successor as (
    update device
    set
      is_default = true
    where
      id = (
        select
          x.id
        from
          mine x,
          removable r,
          proof
        where
          r.is_default
          and x.id <> r.id
          and x.status = 'verified'
        order by
          x.verified_at
        limit
          1
      )
  ),
  browsers as (
    delete from trusted_browser b using removed r
    where
      b.device_id = r.id
    returning
      b.id
  ),
  others as (
    select
      gone.id
    from
      gone
    where
      gone.id <> $4
  ),
  guard as (
    select
      array_remove(
        array[
          case
            when exists (
              select
              from
                browsers
            ) then 'browsers'
          end,
          case
            when exists (
              select
              from
                others
            ) then 'others'
          end
        ],
        null
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
        ),
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
              others
          )
        )
      ) as patch
    from
      removed
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
  candidate.last,
  candidate.last_alone as "lastAlone",
  candidate.last_proved
  and candidate.changed as again,
  exists (
    select
    from
      removed
  ) as removed
from
  candidate
