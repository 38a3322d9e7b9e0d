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
  guesses as (
    select
      wrong_codes,
      locked_until
    from
      address_guess
    where
      key = $2
      and (
        select
          count(*)
        from
          mine
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
          approval_id
        from
          device
        where
          id = $3
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
          approval_id
        from
          device
        where
          id = $3
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
  proving as (
    select
      d.*,
      locked_user.enrolled_at is null as first,
      exists (
        select
        from
          mine x
        where
          x.id = d.replaces_device_id
          and x.is_default
      ) as replaces_default
    from
      locked_user,
      seen,
      mine d,
      guessable
    where
      d.id = $3
      and d.status = 'unverified'
      and d.enrolment_expires_at > now()
      -- Begun before the first device was proved, so without a proof: ended by it, even where it was begun too late
      -- for that statement to see it.
      and (
        locked_user.enrolled_at is null
        or d.created_at > locked_user.enrolled_at
      )
      and (
        exists (
          select
          from
            granted
        )
        or d.approval_id is null
        and (
          locked_user.enrolled_at is null
          or (
            locked_user.version = seen.version
            and not exists (
              select
              from
                mine x
              where
                x.status <> 'unverified'
                and x.id <> d.id
            )
          )
        )
      )
      and (
        d.locked_until is null
        or d.locked_until <= now()
      )
      and (
        cardinality($5::text[]) = 0
        or (
          locked_user.version = seen.version
          and not exists (
            select
            from
              mine x
            where
              x.status = 'verified'
              and x.method = any ($5::text[])
              and x.method <> d.method
              and x.id is distinct from d.replaces_device_id
          )
        )
      )
      and (
        d.method = any ($6::text[])
        or exists (
          select
          from
            mine x
          where
            x.status = 'verified'
            and x.id <> d.id
            and x.id is distinct from d.replaces_device_id
            and x.method = any ($6::text[])
        )
      )
      and (
        locked_user.enrolled_at is not null
        or $7::text is not null
      )
  ),
  -- The codes that the enrolment showed, if those have to be saved before the user's first device counts.
  saved as (
    select
      p.user_id
    from
      proving,
      recovery_pool p
    where
      $8
      and proving.first
      and p.user_id = proving.user_id
      and p.enrolment_device_id = proving.id
      and p.acknowledged_at is not null
    for update of
      p
  ),
  enrolment as (
    select
      *
    from
      proving
    where
      not (
        $8
        and first
      )
      or exists (
        select
        from
          saved
      )
  ),
  spent_code as (
    update code
    set
      consumed_at = now()
    where
      $9
      and id = $10
      and subject_id = $3
      and device_id = $3
      and consumed_at is null
      and expires_at > now()
      and exists (
        select
        from
          enrolment
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
      unnest($11::bytea[]) with ordinality as w (key, n)
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
  -- Whoever has the credential already, it stays theirs (WebAuthn L3 §7.1 step 26).
  new_passkey as (
    insert into
      webauthn_credential (
        device_id,
        tenant_id,
        credential_id,
        public_key,
        sign_count,
        transports,
        backup_eligible,
        backed_up,
        aaguid
      )
    select
      enrolment.id,
      $12,
      p."credentialId",
      decode(p."publicKey", 'base64'),
      p."signCount",
      p.transports,
      p."backupEligible",
      p."backedUp",
      p.aaguid
    from
      enrolment,
      jsonb_to_record($13::jsonb) as p (
        "credentialId" text,
        "publicKey" text,
        "signCount" bigint,
        transports text[],
        "backupEligible" boolean,
        "backedUp" boolean,
        aaguid text
      )
    where
      $9
      and $13::jsonb is not null
    on conflict (tenant_id, credential_id) do nothing
    returning
      1
  ),
  verdict as (
    select
      enrolment.id as device_id,
      enrolment.user_id,
      enrolment.first,
      enrolment.replaces_device_id,
      enrolment.replaces_default,
      enrolment.wrong_codes + 1 as wrong,
      $9
      and case
        when $13::jsonb is not null then exists (
          select
          from
            new_passkey
        )
        when $14::bigint is null then exists (
          select
          from
            spent_code
        )
        else enrolment.last_used_step is null
        or enrolment.last_used_step < $14
      end as ok
    from
      enrolment
  ),
  consequence as (
    select
      v.*,
      v.ended
      and not (false) as disables,
      case
        when v.ok then 0
        when v.ended then 2592000
        else ($15::int[]) [least(v.wrong, cardinality($15::int[]))]
      end as lock_seconds,
      clock_timestamp() as at
    from
      (
        select
          *,
          not ok
          and wrong >= cardinality($15::int[]) as ended
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
        and ($15::int[]) [least(g.wrong_codes + 1, cardinality($15::int[]))] > 0 then o.at + make_interval(secs => ($15::int[]) [least(g.wrong_codes + 1, cardinality($15::int[]))])
      end,
      last_at = o.at
    from
      outcome o
    where
      g.key = $2
  ),
  device_row as (
    update device d
    set
      wrong_codes = case
        when o.ok then 0
        else o.wrong
      end,
      locked_until = o.locked_until,
      last_used_step = case
        when o.ok then coalesce($14::bigint, d.last_used_step)
        else d.last_used_step
      end,
      status = case
        when o.ok then 'verified'
        when o.disables then 'disabled'
        else d.status
      end,
      verified_at = case
        when o.ok then o.at
      end,
      is_default = o.ok
      and (
        o.first
        or o.replaces_default
      )
    from
      outcome o
    where
      d.id = o.device_id
    returning
      d.verified_at,
      d.is_default
  ),
  lockout_row as (
    insert into
      lockout (id, tenant_id, user_id, subject, device_id, wrong_codes, started_at, locked_until)
    select
      $16,
      $12,
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
      and cardinality($17::bytea[]) = 0
      and p.enrolment_device_id <> o.device_id
  ),
  pool_row as (
    insert into
      recovery_pool (user_id, set_id, codes_left)
    select
      user_id,
      $7,
      cardinality($17::bytea[])
    from
      outcome
    where
      ok
      and first
      and cardinality($17::bytea[]) > 0
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
      unnest($17::bytea[]),
      $7
    from
      outcome
    where
      ok
      and first
  ),
  saved_row as (
    update recovery_pool p
    set
      enrolment_device_id = null,
      wrong_codes = 0
    from
      outcome o,
      saved
    where
      o.ok
      and p.user_id = saved.user_id
  ),
  challenge_row as (
    update challenge c
    set
      status = 'approved',
      ended_at = o.at,
      approved_device_id = o.device_id
    from
      outcome o
    where
      c.id = $18
      and c.user_id = o.user_id
      and c.enroll
      and c.status = 'pending'
      and c.expires_at > now()
      and o.ok
    returning
      c.id
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
            and cardinality($17::bytea[]) > 0 then 'recovery'
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
          end,
          case
            when exists (
              select
              from
                challenge_row
            ) then 'approved'
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
              $19::jsonb as c
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
  o.ok,
  o.first,
  o.wrong,
  o.locked_until as "lockedUntil",
  r.verified_at as "verifiedAt",
  r.is_default as "isDefault",
  exists (
    select
    from
      challenge_row
  ) as approved
from
  outcome o,
  device_row r
