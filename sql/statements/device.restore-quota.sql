with
  wanted as (
    select
      k.key,
      k.n,
      (
        now() at time zone((coalesce(a.policy #> '{phone,timeZone}', t.policy #> '{phone,timeZone}', '"UTC"'::jsonb)) #>> '{}')
      )::date::timestamp at time zone 'UTC' as day
    from
      device d
      join app_user u on u.id = d.user_id
      join account a on a.id = u.account_id
      join tenant t on t.id = u.tenant_id
      cross join lateral (
        values
          (d.address_mac, 1, d.status = 'unverified'),
          (d.quota_key, 2, true)
      ) as k (key, n, counts)
    where
      d.id = $1
      and k.counts
  ),
  held as (
    select
      q.key,
      q.starts_at,
      q.sent,
      w.n
    from
      wanted w
      join send_window q on q.key = w.key
      and q.starts_at = w.day
    where
      q.sent > 0
    order by
      w.n
    for update of
      q
  ),
  -- Or the first of the new messages would have to wait.
  paced as (
    update send_pace
    set
      ready_at = now(),
      hour_sent = 0
    where
      key = any ($2::bytea[])
  ),
  restored as (
    update send_window q
    set
      sent = 0
    from
      held h
    where
      q.key = h.key
      and q.starts_at = h.starts_at
    returning
      h.n,
      h.sent
  ),
  guard as (
    select
      array[]::text[] as outcomes,
      jsonb_build_object(
        'code.quota_restored',
        jsonb_build_object(
          'used',
          coalesce(
            max(sent) filter (
              where
                n = 2
            ),
            0
          )
        )
      ) as patch
    from
      restored
    having
      count(*) > 0
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
              $3::jsonb as c
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
  count(*)::int as restored
from
  restored
