select
  'app_user' as table,
  'profile_sealed' as column,
  convert_from(
    substring(
      profile_sealed
      from
        3 for get_byte(profile_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  app_user
where
  profile_sealed is not null
group by
  3
union all
select
  'app_user' as table,
  'event_key_sealed' as column,
  convert_from(
    substring(
      event_key_sealed
      from
        3 for get_byte(event_key_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  app_user
where
  event_key_sealed is not null
group by
  3
union all
select
  'device' as table,
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
  device
where
  secret_sealed is not null
group by
  3
union all
select
  'device' as table,
  'address_sealed' as column,
  convert_from(
    substring(
      address_sealed
      from
        3 for get_byte(address_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  device
where
  address_sealed is not null
group by
  3
union all
select
  'device' as table,
  'pending_sealed' as column,
  convert_from(
    substring(
      pending_sealed
      from
        3 for get_byte(pending_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  device
where
  pending_sealed is not null
group by
  3
union all
select
  'challenge' as table,
  'detail_sealed' as column,
  convert_from(
    substring(
      detail_sealed
      from
        3 for get_byte(detail_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  challenge
where
  detail_sealed is not null
group by
  3
union all
select
  'challenge' as table,
  'user_agent_sealed' as column,
  convert_from(
    substring(
      user_agent_sealed
      from
        3 for get_byte(user_agent_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  challenge
where
  user_agent_sealed is not null
group by
  3
union all
select
  'trusted_browser' as table,
  'user_agent_sealed' as column,
  convert_from(
    substring(
      user_agent_sealed
      from
        3 for get_byte(user_agent_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  trusted_browser
where
  user_agent_sealed is not null
group by
  3
union all
select
  'idempotent_answer' as table,
  'answer_sealed' as column,
  convert_from(
    substring(
      answer_sealed
      from
        3 for get_byte(answer_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  idempotent_answer
where
  answer_sealed is not null
group by
  3
union all
select
  'delivery' as table,
  'payload_sealed' as column,
  convert_from(
    substring(
      payload_sealed
      from
        3 for get_byte(payload_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  delivery
where
  payload_sealed is not null
group by
  3
union all
select
  'webhook' as table,
  'contact_sealed' as column,
  convert_from(
    substring(
      contact_sealed
      from
        3 for get_byte(contact_sealed, 1)
    ),
    'UTF8'
  ) as "keyId",
  count(*)::int as
values
from
  webhook
where
  contact_sealed is not null
group by
  3
