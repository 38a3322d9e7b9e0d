insert into
  audit_witnessed (tenant_id, size, signed_at)
select
  tenant_id,
  size,
  signed_at
from
  audit_cosignature
where
  tenant_id = $1
  and size = $2
  and signed_at = $3::timestamptz
  and witness = any ($4::text[])
group by
  tenant_id,
  size,
  signed_at
having
  count(*) >= $5
on conflict do nothing
