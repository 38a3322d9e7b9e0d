select
  e.type,
  e.time,
  e.data,
  d.id as "deviceId",
  d.name as "deviceName",
  d.verified_at = u.two_factor_since as "first",
  u.id as "userId",
  u.tenant_id as "tenantId",
  coalesce(u.locale, a.locale) as locale,
  u.profile_sealed as "profileSealed",
  t.policy as "tenantPolicy",
  a.policy as "accountPolicy",
  now() as "now"
from
  event e
  join app_user u on u.id = e.user_ref
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
  left join device d on d.id = e.data ->> 'deviceId'
  and d.user_id = u.id
where
  e.id = $1
