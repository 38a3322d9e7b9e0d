with
  changed as (
    update webhook
    set
      url = $1,
      description = $2,
      types = $3,
      account_id = $4,
      contact_sealed = $5,
      contact_locale = $6,
      status = $7,
      disabled_reason = $8,
      disabled_at = case
        when $7 = 'enabled' then null
        else coalesce(disabled_at, now())
      end,
      -- Who enables it again gives it all the time that a new one has.
      failing_since = case
        when $7 = 'enabled'
        and status <> 'enabled' then null
        else failing_since
      end,
      failed_at = case
        when $7 = 'enabled'
        and status <> 'enabled' then null
        else failed_at
      end,
      failing_for = case
        when $7 = 'enabled'
        and status <> 'enabled' then '0'
        else failing_for
      end,
      updated_at = now()
    where
      id = $9
      and tenant_id = $10
    returning
      *
  ),
  guard as (
    select
      id,
      array[]::text[] as outcomes,
      '{}'::jsonb as patch
    from
      changed
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
  changed w
