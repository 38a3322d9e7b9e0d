select
  t.id as id,
  null as "tenantId",
  null as "deviceId",
  t.detail_sealed as sealed
from
  challenge t
where
  substring(
    t.detail_sealed
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
