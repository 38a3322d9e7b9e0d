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
      'audit.cosignature_refused' as type,
      id as tenant_id,
      jsonb_build_object('witness', $2::text, 'reason', $3::text, 'size', $4::bigint, 'cosignedSize', $5::bigint) as data
    from
      tenant
    where
      id = $6
  ) told
