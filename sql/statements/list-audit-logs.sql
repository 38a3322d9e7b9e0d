select
  t.tenant_id as "tenantId",
  coalesce(head.sequence, 0) as entries
from
  (
    select
      tenant_id
    from
      audit_log
    union
    select
      *
    from
      unnest($1::text[])
  ) t
  left join lateral (
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
  ) head on true
order by
  t.tenant_id
