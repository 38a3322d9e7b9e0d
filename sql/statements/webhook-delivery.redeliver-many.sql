with
  target as (
    select
      id
    from
      webhook
    where
      id = $1
      and tenant_id = $2
      and status = 'enabled'
  ),
  found as (
    select
      d.*,
      (
        row_number() over (
          order by
            d.created_at,
            d.id
        )
      )::int as place
    from
      webhook_delivery d
      join target on target.id = d.webhook_id
    where
      d.tenant_id = $2
      and d.created_at >= $3
      and d.created_at < coalesce($4::timestamptz, now())
      and d.redelivery_of is null
      and d.status <> 'queued'
      and (
        d.status <> 'delivered'
        or not $5
      )
      and not exists (
        select
        from
          webhook_delivery n
        where
          n.webhook_id = d.webhook_id
          and n.event_id = d.event_id
          and n.redelivery_of is not null
          and (
            n.status = 'queued'
            or n.status = 'delivered'
            and $5
          )
      )
    order by
      d.created_at,
      d.id
    limit
      cardinality($6::text[]) + 1
  ),
  made as (
    insert into
      webhook_delivery (id, tenant_id, webhook_id, event_id, redelivery_of)
    select
      ($6::text[]) [place],
      tenant_id,
      webhook_id,
      event_id,
      id
    from
      found
    where
      place <= cardinality($6::text[])
    returning
      id,
      tenant_id
  ),
  jobs as (
    insert into
      outbox (id, job, line, payload)
    select
      id,
      'deliver-webhook',
      tenant_id,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', id, 'traceparent', $7::text))
    from
      made
  ),
  told as (
    select
      (
        select
          count(*)
        from
          made
      ) as deliveries,
      (
        select
          created_at
        from
          found
        where
          place > cardinality($6::text[])
      ) as next
  ),
  guard as (
    select
      array[]::text[] as outcomes,
      jsonb_build_object('webhook.redelivered', jsonb_build_object('deliveries', deliveries)) as patch
    from
      told
    where
      deliveries > 0
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
  told.deliveries,
  to_char(told.next at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "continueFrom"
from
  told
  join target on true
