select
  encode(t.key, 'hex') as id,
  null as "tenantId",
  null as "deviceId",
  t.answer_sealed as sealed
from
  idempotent_answer t
where
  substring(
    t.answer_sealed
    from
      1 for octet_length($1::bytea)
  ) <> $1::bytea
  and (
    $2::text is null
    or t.key > decode($2::text, 'hex')
  )
order by
  t.key
limit
  $3::int
