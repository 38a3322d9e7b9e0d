select
  l.subject,
  l.device_id as "deviceId",
  l.locked_until as "lockedUntil",
  d.name as "deviceName",
  u.id as "userId",
  u.tenant_id as "tenantId",
  coalesce(u.locale, a.locale) as locale,
  u.profile_sealed as "profileSealed",
  t.policy as "tenantPolicy",
  a.policy as "accountPolicy",
  now() as "now"
from
  event e
  join lockout l on l.id = e.data ->> 'lockoutId'
  join app_user u on u.id = l.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
  left join device d on d.id = l.device_id
where
  e.id = $1
  and e.type = 'lockout.started'
  and coalesce(l.ended_at, l.locked_until) > now() - interval '1 hour'
