with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, delivery_id text)
    limit
      32
  ),
  free as (
    select
      d.id,
      d.webhook_id
    from
      webhook_delivery d
    where
      d.id in (
        select
          delivery_id
        from
          asked
      )
      and d.status = 'queued'
      and (
        d.lease_until is null
        or d.lease_until < clock_timestamp()
      )
      and d.next_attempt_at <= clock_timestamp()
    for no key update
      skip locked
  ),
  claimed as (
    update webhook_delivery d
    set
      fence = d.fence + 1,
      attempts = d.attempts + 1,
      lease_until = clock_timestamp() + interval '40 seconds'
    from
      free
      join webhook w on w.id = free.webhook_id
    where
      d.id = free.id
      and w.status = 'enabled'
    returning
      d.id,
      d.tenant_id,
      d.webhook_id,
      d.event_id,
      d.fence,
      w.url,
      w.secret_sealed,
      case
        when w.previous_secret_until > clock_timestamp() then w.previous_secret_sealed
      end as previous_secret_sealed
  ),
  begun as (
    insert into
      webhook_attempt (delivery_id, number)
    select
      id,
      fence
    from
      claimed
  ),
  done as (
    delete from outbox
    where
      payload ->> 'deliveryId' = any (
        array(
          select
            id
          from
            claimed
        )
      )
  )
  -- Of two calls for the same one, one has it.
select
  (
    select
      min(asked.n)
    from
      asked
    where
      asked.delivery_id = c.id
  ) as n,
  c.id as "deliveryId",
  c.webhook_id as "webhookId",
  c.tenant_id as "ofTenant",
  c.fence as number,
  c.url,
  c.secret_sealed as "secretSealed",
  c.previous_secret_sealed as "previousSecretSealed",
  clock_timestamp() as "startedAt",
  case
    when c.fence = 1 then 0
    else coalesce(
      (
        select
          - (
            extract(
              epoch
              from
                (min(a.started_at) - clock_timestamp())
            ) * 1000
          )::float8
        from
          webhook_attempt a
        where
          a.delivery_id = c.id
      ),
      0
    )
  end as "ageMs",
  e.id,
  e.tenant_id as "tenantId",
  e.tx::text as tx,
  e.type,
  to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
  e.account_id as "accountId",
  e.user_id as "userId",
  e.user_ref as "userRef",
  e.request_id as "requestId",
  e.data,
  e.personal_sealed as "personalSealed",
  n.sequence,
  n.leaf_hash as "leafHash"
from
  claimed c
  left join audit_entry n on n.event_id = c.event_id
  and n.tenant_id = c.tenant_id
  left join event e on e.id = n.event_id
  and e.tenant_id = n.tenant_id
