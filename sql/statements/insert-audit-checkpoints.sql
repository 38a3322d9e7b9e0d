insert into
  audit_checkpoint (tenant_id, sequence, hash, signed_at, key_id, signature)
select
  *
from
  unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[], $5::text[], $6::bytea[])
on conflict do nothing
