with
  seen as (
    select
      id,
      name,
      locale
    from
      account
    where
      tenant_id = $1
      and external_id = $2
    for no key update
  ),
  account_row as (
    insert into
      account as a (id, tenant_id, external_id, name, locale)
    select
      $3,
      $1,
      $2,
      $4,
      $5
    from
      (
        select
          count(*) as n
        from
          seen
      ) waited
    where
      n >= 0
    on conflict (tenant_id, external_id) do update
    set
      name = case
        when $6 then excluded.name
        else a.name
      end,
      locale = case
        when $7 then excluded.locale
        else a.locale
      end,
      updated_at = now()
    returning
      a.*,
      (xmax = 0) as created
  ),
  difference as (
    select
      r.created,
      s.locale as former_locale,
      r.locale,
      not r.created
      and $6
      and r.name is distinct from s.name as renamed,
      not r.created
      and $7
      and r.locale is distinct from s.locale as relocated
    from
      account_row r
      left join seen s on s.id = r.id
  ),
  guard as (
    select
      array_remove(
        array[
          case
            when created then 'created'
          end,
          case
            when renamed
            or relocated then 'changed'
          end
        ],
        null
      ) as outcomes,
      jsonb_build_object(
        'account.changed',
        jsonb_build_object(
          'changed',
          array_remove(
            array[
              case
                when renamed then 'name'
              end,
              case
                when relocated then 'locale'
              end
            ],
            null
          )
        ) || case
          when relocated then jsonb_build_object('locale', locale, 'formerLocale', former_locale)
          else '{}'
        end
      ) as patch
    from
      difference
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
              $8::jsonb as c
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
  external_id as "externalId",
  name,
  locale,
  created_at as "createdAt"
from
  account_row
