select
  t.id as id,
  null as "tenantId",
  null as "deviceId",
  t.contact_sealed as sealed
from
  webhook t
where
  substring(
    t.contact_sealed
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
