with
  claimed as (
    update webhook_delivery d
    set
      fence = d.fence + 1,
      attempts = d.attempts + 1,
      lease_until = clock_timestamp() + interval '40 seconds'
    from
      webhook w
    where
      d.id = $1
      and w.id = d.webhook_id
      and w.status = 'enabled'
      and d.status = 'queued'
      and (
        d.lease_until is null
        or d.lease_until < clock_timestamp()
      )
      and d.next_attempt_at <= clock_timestamp()
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
  )
select
  c.id as "deliveryId",
  c.webhook_id as "webhookId",
  c.tenant_id as "ofTenant",
  c.fence as number,
  c.url,
  c.secret_sealed as "secretSealed",
  c.previous_secret_sealed as "previousSecretSealed",
  clock_timestamp() as "startedAt",
  coalesce(
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
  ) as "ageMs",
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
