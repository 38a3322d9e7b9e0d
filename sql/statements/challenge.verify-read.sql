with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, challenge_id text, tenant_id text, device_id text)
    limit
      16
  )
select
  asked.n,
  c.id as "challengeId",
  c.status as "challengeStatus",
  c.purpose,
  c.application,
  c.expires_at as "challengeExpiresAt",
  c.checks,
  c.max_checks as "maxChecks",
  c.detail_sealed as "detailSealed",
  c.user_agent_sealed as "userAgentSealed",
  c.tenant_id as "tenantId",
  t.policy::text as "tenantPolicy",
  a.policy::text as "accountPolicy",
  a.external_id as "accountId",
  u.locale as "userLocale",
  a.locale as "accountLocale",
  u.external_id as "userId",
  u.id as "userRef",
  clock_timestamp() as now,
  d.id as "deviceId",
  d.method,
  d.status as "deviceStatus",
  d.secret_sealed as "secretSealed",
  d.totp_algorithm as algorithm,
  d.totp_digits as digits,
  d.totp_period as period,
  d.last_used_step as "lastUsedStep",
  case
    when c.known then d.known_locked_until
    else d.locked_until
  end as "lockedUntil",
  d.verified_at as "verifiedAt",
  (
    asked.device_id is null
    or d.id = asked.device_id
  )
  and (
    c.device_id is null
    or d.id = c.device_id
  )
  and (
    d.applications is null
    or c.application = any (d.applications)
  ) as "mayAnswer",
  k.id as "codeId",
  k.expires_at as "codeExpiresAt",
  k.consumed_at is not null as "codeConsumed",
  (
    select
      json_build_object('left', y.codes_left, 'acknowledged', y.acknowledged_at is not null)
    from
      recovery_pool y
    where
      y.user_id = c.user_id
      and y.enrolment_device_id is null
  ) as "codesInForce"
from
  asked
  join challenge c on c.id = asked.challenge_id
  and c.tenant_id = asked.tenant_id
  join app_user u on u.id = c.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = c.tenant_id
  left join device d on d.user_id = c.user_id
  left join code k on k.subject_id = c.id
  and k.device_id = d.id
