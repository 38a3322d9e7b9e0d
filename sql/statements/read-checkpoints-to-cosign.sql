select
  l.tenant_id as "tenantId",
  c.size,
  to_char(c.signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt",
  c.note,
  s.signature_lines as lines
from
  audit_log l
  cross join lateral (
    select
      p.size,
      p.signed_at,
      p.note
    from
      audit_checkpoint p
    where
      p.tenant_id = l.tenant_id
      and p.size <= l.size
      and p.signed_at <= now() + interval '5 seconds'
    order by
      p.size desc,
      p.signed_at desc
    limit
      1
  ) c
  left join audit_cosignature s on s.tenant_id = l.tenant_id
  and s.size = c.size
  and s.signed_at = c.signed_at
  and s.witness = $1
where
  not exists (
    select
    from
      unnest($2::text[], $3::bigint[], $4::timestamptz[]) as done (tenant_id, size, signed_at)
    where
      done.tenant_id = l.tenant_id
      and done.size = c.size
      and done.signed_at = c.signed_at
  )
