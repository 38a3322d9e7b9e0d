select
  t.id as "tenantId",
  exists (
    select
    from
      audit_witnessed w
    where
      w.tenant_id = t.id
  ) as "isWitnessed"
from
  tenant t
where
  t.policy #> '{audit,retentionDays}' is not null
  and jsonb_typeof(t.policy #> '{audit,retentionDays}') = 'number'
order by
  t.id
