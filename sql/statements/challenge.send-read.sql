select
  t.id as "tenantId",
  t.policy::text as "tenantPolicy",
  a.id as "accountRef",
  a.external_id as "accountId",
  a.locale as "accountLocale",
  a.policy::text as "accountPolicy",
  u.id as "userRef",
  u.external_id as "userId",
  u.kind,
  u.locale as "userLocale",
  u.profile_sealed as "profileSealed",
  u.event_key_sealed as "eventKeySealed",
  u.two_factor_since as "twoFactorSince",
  u.enrolled_at as "enrolledAt",
  u.created_at as "createdAt",
  clock_timestamp() as "now",
  c.status as "challengeStatus",
  c.purpose,
  c.application,
  c.detail_sealed as "detailSealed",
  c.expires_at as "challengeExpiresAt",
  d.id as "deviceId",
  d.method,
  d.status,
  d.address_sealed as "addressSealed",
  d.address_mac as "addressMac",
  d.quota_key as "quotaKey",
  c.known,
  d.reused
  or not c.known
  and exists (
    select
    from
      challenge kc
    where
      kc.user_id = c.user_id
      and kc.status = 'approved'
      and kc.place is not null
      and kc.ended_at > now() - interval '90 days'
  ) as "othersOnly",
  case
    when c.known then d.known_locked_until
    else d.locked_until
  end as "lockedUntil",
  array(
    select
      pd.method
    from
      device pd
    where
      pd.user_id = c.user_id
      and pd.verified_at is not null
  ) as "provedMethods",
  -- What went to the number that the device had before is not sent again.
  k.id as "codeId",
  k.sends,
  k.last_sent_at as "lastSentAt",
  case
    when k.last_sent_at > coalesce(d.address_changed_at, '-infinity') then k.expires_at
    else k.last_sent_at
  end as "codeExpiresAt"
from
  challenge c
  join app_user u on u.id = c.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = c.tenant_id
  left join device d on d.user_id = c.user_id
  and d.id = $1
  and (
    c.device_id is null
    or d.id = c.device_id
  )
  and (
    d.applications is null
    or c.application = any (d.applications)
  )
  left join code k on k.subject_id = c.id
  and k.device_id = d.id
where
  c.id = $2
  and c.tenant_id = $3
