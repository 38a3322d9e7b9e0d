with
  created as (
    insert into
      webhook (id, tenant_id, url, description, types, account_id, contact_sealed, contact_locale, secret_sealed)
    select
      $1,
      $2,
      $3,
      $4,
      $5,
      $6,
      $7,
      $8,
      $9
    where
      (
        select
          count(*)
        from
          webhook
        where
          tenant_id = $2
      ) < $10
    returning
      *
  ),
  guard as (
    select
      id,
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      created
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
  w.id,
  w.url,
  w.description,
  w.types,
  w.account_id as "accountId",
  w.contact_sealed as "contactSealed",
  w.contact_locale as "contactLocale",
  w.status,
  w.disabled_reason as "disabledReason",
  w.disabled_at as "disabledAt",
  w.failing_since as "failingSince",
  case
    when w.previous_secret_until > now() then w.previous_secret_until
  end as "previousSecretUntil",
  w.created_at as "createdAt",
  w.updated_at as "updatedAt"
from
  created w
