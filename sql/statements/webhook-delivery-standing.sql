with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, delivery_id text)
    limit
      32
  )
select
  asked.n,
  d.tenant_id as "tenantId",
  d.webhook_id as "webhookId",
  d.status = 'queued' as open,
  coalesce(w.status = 'enabled', false) as enabled,
  w.failing_since is not null as failing,
  coalesce(
    (
      extract(
        epoch
        from
          (d.lease_until - clock_timestamp())
      ) * 1000
    )::float8,
    0
  ) as "leaseMs",
  (
    extract(
      epoch
      from
        (d.next_attempt_at - clock_timestamp())
    ) * 1000
  )::float8 as "dueMs"
from
  asked
  join webhook_delivery d on d.id = asked.delivery_id
  left join webhook w on w.id = d.webhook_id
