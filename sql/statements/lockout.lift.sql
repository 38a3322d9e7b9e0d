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
  held as (
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
  devices as (
    update device d
    set
      wrong_codes = 0,
      locked_until = null,
      known_wrong_codes = 0,
      known_locked_until = null
    from
      held
    where
      d.id = held.id
      and d.status <> 'disabled'
      and (
        d.wrong_codes > 0
        or d.locked_until is not null
        or d.known_wrong_codes > 0
        or d.known_locked_until is not null
      )
  ),
  pool as (
    update recovery_pool
    set
      wrong_codes = 0
    where
      user_id = $1
  ),
  lasting as (
    select
      id
    from
      lockout
    where
      user_id = $1
      and ended_at is null
      and locked_until > now()
    order by
      id
    limit
      100
    for update
  ),
  lifted as (
    update lockout l
    set
      ended_at = now(),
      end_reason = 'lifted'
    from
      lasting
    where
      l.id = lasting.id
    returning
      l.id,
      l.subject,
      l.device_id
  ),
  numbered as (
    select
      *,
      row_number() over (
        order by
          id
      ) as n
    from
      lifted
  ),
  guard as (
    select
      array[n::text] as outcomes,
      jsonb_build_object(
        'lockout.ended',
        jsonb_strip_nulls(jsonb_build_object('lockoutId', id, 'subject', subject, 'deviceId', device_id))
      ) as patch
    from
      numbered
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
              $2::jsonb as c
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
  count(*)::int as lifted
from
  lifted
