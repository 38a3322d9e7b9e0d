insert into
  event (id, type, tenant_id, data)
select
  ($1::text[]) [row_number() over ()],
  type,
  tenant_id,
  data
from
  (
    select
      'sealing.stopped' as type,
      id as tenant_id,
      jsonb_build_object('workerId', $2::text) as data
    from
      tenant
    where
      id = any ($3::text[])
  ) told
