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
      'route.reordered' as type,
      t.id as tenant_id,
      jsonb_build_object(
        'channel',
        $2::text,
        'country',
        $3::text,
        'reason',
        $4::text,
        'before',
        $5::jsonb,
        'after',
        $6::jsonb,
        'routes',
        $7::jsonb
      ) as data
    from
      unnest($8::text[]) as t (id)
  ) told
