select
  l.tenant_id as "tenantId"
from
  audit_log l
  left join lateral (
    select
      c.size
    from
      audit_checkpoint c
    where
      c.tenant_id = l.tenant_id
    order by
      c.size desc
    limit
      1
  ) signed on true
  join lateral (
    select
      e.sealed_at
    from
      audit_entry e
    where
      e.tenant_id = l.tenant_id
      and e.sequence = coalesce(signed.size, 0) + 1
    limit
      1
  ) n on true
where
  n.sealed_at < clock_timestamp() - $1 * interval '1 second'
order by
  l.tenant_id
