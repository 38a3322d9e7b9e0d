select
  t.id as id,
  null as "tenantId",
  null as "deviceId",
  t.previous_secret_sealed as sealed
from
  webhook t
where
  substring(
    t.previous_secret_sealed
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
