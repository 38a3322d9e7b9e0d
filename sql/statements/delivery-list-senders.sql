select distinct
  tenant_id as "tenantId"
from
  delivery
where
  id >= $1
  and channel = $2
  and kind = 'code'
  and country is not distinct from $3::text
