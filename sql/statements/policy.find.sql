select
  t.policy as tenant,
  a.policy as account,
  now() as now
from
  tenant t
  left join account a on a.tenant_id = t.id
  and a.external_id = $1
where
  t.id = $2
