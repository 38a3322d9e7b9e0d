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
  new_device as (
    select
      *
    from
      jsonb_to_record($2::jsonb) as d (
        id text,
        tenant_id text,
        method text,
        name text,
        secret text,
        algorithm text,
        digits int,
        period int,
        replaces_device_id text
      )
  ),
  fitting as (
    select
      new_device.*,
      locked_user.id as user_id,
      locked_user.enrolled_at is null as first
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
  ),
  seed as (
    insert into
      imported_seed (mac, fields)
    select
      $5,
      $6::jsonb
    from
      fitting
    on conflict (mac) do nothing
    returning
      mac
  ),
  outcome as (
    select
      true as ok,
      f.first,
      f.user_id,
      f.id as device_id,
      f.replaces_device_id,
      clock_timestamp() as at
    from
      fitting f,
      seed
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
        enrolment_expires_at,
        verified_at,
        is_default
      )
    select
      f.id,
      f.tenant_id,
      f.user_id,
      f.method,
      f.name,
      'verified',
      decode(f.secret, 'base64'),
      f.algorithm,
      f.digits,
      f.period,
      o.at,
      o.at,
      o.first
    from
      fitting f,
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
      and cardinality($7::bytea[]) = 0
      and p.enrolment_device_id <> o.device_id
  ),
  pool_row as (
    insert into
      recovery_pool (user_id, set_id, codes_left)
    select
      user_id,
      $8,
      cardinality($7::bytea[])
    from
      outcome
    where
      ok
      and first
      and cardinality($7::bytea[]) > 0
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
      unnest($7::bytea[]),
      $8
    from
      outcome
    where
      ok
      and first
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
            and cardinality($7::bytea[]) > 0 then 'recovery'
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
      fitting
  ) as fitting,
  exists (
    select
    from
      device_row
  ) as imported
