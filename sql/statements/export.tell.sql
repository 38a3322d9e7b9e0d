insert into
  event (id, type, tenant_id, data)
select
  (array[$1]::text[]) [row_number() over ()],
  type,
  tenant_id,
  data
from
  (
    select
      'audit.exported' as type,
      id as tenant_id,
      jsonb_build_object('format', $2::text, 'lastSequence', $3::bigint, 'whole', $4::boolean, 'personal', $5::boolean) as data
    from
      tenant
    where
      id = $6
  ) told
