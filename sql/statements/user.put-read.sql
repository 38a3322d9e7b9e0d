select
  a.id as "accountRef",
  u.id as "userRef",
  u.kind,
  u.profile_sealed as "profileSealed",
  u.event_key_sealed as "eventKeySealed",
  now() as "now",
  t.policy::text as "tenantPolicy",
  a.policy::text as "accountPolicy",
  a.locale as "accountLocale",
  u.locale as "userLocale"
from
  account a
  join tenant t on t.id = a.tenant_id
  left join app_user u on u.account_id = a.id
  and u.external_id = $1
where
  a.tenant_id = $2
  and a.external_id = $3
