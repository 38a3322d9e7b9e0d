select
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
  (
    select
      coalesce(json_agg(json_build_object('method', x.method, 'backedUp', w.backed_up)), '[]')
    from
      device x
      left join webauthn_credential w on w.device_id = x.id
    where
      x.user_id = c.user_id
      and x.status = 'verified'
  ) as "verifiedDevices",
  (
    select
      json_build_object('left', y.codes_left, 'acknowledged', y.acknowledged_at is not null)
    from
      recovery_pool y
    where
      y.user_id = c.user_id
      and y.enrolment_device_id is null
  ) as "codesInForce",
  p.user_id is not null as "hasCodes",
  (
    select
      array_agg(r.mac)
    from
      recovery_code r
    where
      r.user_id = p.user_id
      and r.set_id = p.set_id
      and r.used_at is null
  ) as macs
from
  challenge c
  join app_user u on u.id = c.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = c.tenant_id
  left join recovery_pool p on p.user_id = c.user_id
  and p.enrolment_device_id is null
where
  c.id = $1
  and c.tenant_id = $2
