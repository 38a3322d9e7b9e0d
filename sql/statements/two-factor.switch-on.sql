with
  locked_user as (
    select
      id
    from
      app_user
    where
      id = $1
      and two_factor_since is null
    for no key update
  ),
  -- Locked, so that a device whose removal is under way does not count.
  locked_devices as (
    select
      d.id,
      d.method,
      d.status,
      d.verified_at
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
  switched as (
    update app_user a
    set
      two_factor_since = clock_timestamp()
    from
      locked_user
    where
      a.id = locked_user.id
      and exists (
        select
        from
          locked_devices able
        where
          able.status = 'verified'
          and (
            able.method = any ($2::text[])
            or able.method = any ($3::text[])
            and exists (
              select
              from
                locked_devices beside
              where
                beside.verified_at is not null
                and beside.method = any ($2::text[])
            )
          )
      )
    returning
      a.two_factor_since
  ),
  guard as (
    select
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      switched
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
              $4::jsonb as c
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
  two_factor_since as since
from
  switched
