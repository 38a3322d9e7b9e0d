select
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
  webhook_delivery d
  left join webhook w on w.id = d.webhook_id
where
  d.id = $1
