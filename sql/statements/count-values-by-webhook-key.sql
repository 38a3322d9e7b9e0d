select
  'webhook' as table,
  'secret_sealed' as column,
  convert_from(
    substring(
      secret_sealed
      from
        3 for get_byte(secret_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  webhook
where
  secret_sealed is not null
group by
  3
union all
select
  'webhook' as table,
  'previous_secret_sealed' as column,
  convert_from(
    substring(
      previous_secret_sealed
      from
        3 for get_byte(previous_secret_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  webhook
where
  previous_secret_sealed is not null
group by
  3
