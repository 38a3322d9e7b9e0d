with
  asked as (
    select
      0 as n,
      $1::text as challenge_id,
      $2::text as tenant_id,
      $3::text as user_ref,
      $4::text as purpose,
      $5::text as application,
      $6::text as device_id,
      $7::boolean as enroll,
      $8::int as max_checks,
      $9::text as detail_sealed,
      $10::float8 as seconds,
      $11::text as user_agent_sealed,
      $12::text as place,
      $13::boolean as known,
      $14::jsonb as events
  ),
  present as (
    select
      asked.*
    from
      asked
      join app_user u on u.id = asked.user_ref
    for key share of
      u
  ),
  opened as (
    insert into
      challenge (
        id,
        tenant_id,
        user_id,
        purpose,
        application,
        device_id,
        enroll,
        max_checks,
        detail_sealed,
        expires_at,
        user_agent_sealed,
        place,
        known
      )
    select
      challenge_id,
      tenant_id,
      user_ref,
      purpose,
      application,
      device_id,
      enroll,
      max_checks,
      decode(detail_sealed, 'base64'),
      now() + make_interval(secs => seconds),
      decode(user_agent_sealed, 'base64'),
      decode(place, 'base64'),
      known
    from
      present
    returning
      id,
      expires_at as "expiresAt"
  ),
  guard as (
    select
      p.events,
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      present p
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
  p.n,
  o."expiresAt"
from
  present p
  join opened o on o.id = p.challenge_id
