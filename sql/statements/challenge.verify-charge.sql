with
  asked as (
    select
      0 as n,
      $1::text as challenge_id,
      $2::text as device_id,
      $3::int[] as schedule,
      $4::text as lockout_id,
      $5::jsonb as events
  ),
  locked_device as (
    select
      asked.*,
      d.tenant_id,
      d.user_id,
      case
        when (
          select
            known
          from
            challenge
          where
            id = asked.challenge_id
        ) then d.known_wrong_codes
        else d.wrong_codes
      end as wrong_codes
    from
      asked
      join device d on d.id = asked.device_id
    where
      d.status = 'verified'
      and coalesce(
        case
          when (
            select
              known
            from
              challenge
            where
              id = asked.challenge_id
          ) then d.known_locked_until
          else d.locked_until
        end,
        '-infinity'
      ) <= now()
    order by
      d.id
    for update of
      d
  ),
  locked_challenge as (
    select
      c.id,
      c.checks + 1 as checks,
      c.max_checks
    from
      locked_device,
      challenge c
    where
      c.id = locked_device.challenge_id
      and c.status = 'pending'
      and c.expires_at > now()
      and c.checks < c.max_checks
    for update of
      c
  ),
  verdict as (
    select
      l.*,
      c.checks,
      c.max_checks,
      l.wrong_codes + 1 as wrong,
      (
        select
          known
        from
          challenge
        where
          id = c.id
      ) as known,
      false as ok
    from
      locked_device l
      join locked_challenge c on c.id = l.challenge_id
  ),
  consequence as (
    select
      v.*,
      v.ended
      and not (
        not v.known
        and exists (
          select
          from
            challenge kc
          where
            kc.user_id = v.user_id
            and kc.status = 'approved'
            and kc.place is not null
            and kc.ended_at > now() - interval '90 days'
        )
      ) as disables,
      case
        when v.ok then 0
        when v.ended then 2592000
        else (schedule::int[]) [least(v.wrong, cardinality(schedule::int[]))]
      end as lock_seconds,
      clock_timestamp() as at
    from
      (
        select
          *,
          not ok
          and wrong >= cardinality(schedule::int[]) as ended
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
  device_row as (
    update device d
    set
      wrong_codes = case
        when o.known then d.wrong_codes
        else o.wrong
      end,
      locked_until = case
        when o.known then d.locked_until
        else o.locked_until
      end,
      known_wrong_codes = case
        when o.known then o.wrong
        else d.known_wrong_codes
      end,
      known_locked_until = case
        when o.known then o.locked_until
        else d.known_locked_until
      end,
      status = case
        when o.disables then 'disabled'
        else d.status
      end
    from
      outcome o
    where
      d.id = o.device_id
  ),
  challenge_row as (
    update challenge c
    set
      checks = o.checks,
      status = case
        when o.ok then 'approved'
        when o.checks >= o.max_checks then 'max_attempts_reached'
        else c.status
      end,
      ended_at = case
        when o.ok
        or o.checks >= o.max_checks then o.at
      end
    from
      outcome o
    where
      c.id = o.challenge_id
  ),
  lockout_row as (
    insert into
      lockout (id, tenant_id, user_id, subject, device_id, wrong_codes, started_at, locked_until)
    select
      lockout_id,
      tenant_id,
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
  guard as (
    select
      events,
      array_remove(
        array[
          case
            when checks >= max_checks then 'exhausted'
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
        jsonb_build_object('wrongCodes', wrong)
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
  n,
  wrong,
  checks,
  locked_until as "lockedUntil"
from
  outcome
