select
  t.id as id,
  null as "tenantId",
  null as "deviceId",
  t.profile_sealed as sealed
from
  app_user t
where
  substring(
    t.profile_sealed
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
