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
      'audit.pruned' as type,
      id as tenant_id,
      jsonb_build_object('upTo', $2::bigint, 'events', $3::bigint, 'olderThan', $4::text) as data
    from
      tenant
    where
      id = $5
  ) told
