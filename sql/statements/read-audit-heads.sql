select
  t.tenant_id as "tenantId",
  last.sequence,
  last.hash
from
  unnest($1::text[]) as t (tenant_id)
  cross join lateral (
    select
      sequence,
      hash
    from
      audit_entry a
    where
      a.tenant_id = t.tenant_id
    order by
      sequence desc
    limit
      1
  ) last
