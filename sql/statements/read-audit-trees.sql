select
  t.tenant_id as "tenantId",
  last.sequence as entries,
  l.size,
  l.edge
from
  unnest($1::text[]) as t (tenant_id)
  cross join lateral (
    select
      sequence
    from
      audit_entry a
    where
      a.tenant_id = t.tenant_id
    order by
      sequence desc
    limit
      1
  ) last
  left join audit_log l on l.tenant_id = t.tenant_id
