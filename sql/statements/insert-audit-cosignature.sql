insert into
  audit_cosignature (tenant_id, size, signed_at, witness, signature_lines)
values
  ($1, $2, $3, $4, $5)
on conflict do nothing
