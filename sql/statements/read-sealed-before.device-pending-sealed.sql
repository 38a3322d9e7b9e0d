select
  t.id as id,
  t.tenant_id as "tenantId",
  null as "deviceId",
  t.pending_sealed as sealed
from
  device t
where
  substring(
    t.pending_sealed
    from
      1 for octet_length($1::bytea)
  ) <> $1::bytea
  and (
    $2::text is null
    or t.id > $2::text
  )
order by
  t.id
limit
  $3::int
