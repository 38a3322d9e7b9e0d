select
  b.id,
  b.device_id as "deviceId",
  b.user_agent_sealed as "userAgentSealed",
  b.created_at as "createdAt",
  b.expires_at as "expiresAt",
  bd.method,
  array(
    select
      pd.method
    from
      device pd
    where
      pd.user_id = u.id
      and pd.verified_at is not null
  ) as "provedMethods"
from
  app_user u
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
  join trusted_browser b on b.user_id = u.id
  join device bd on bd.id = b.device_id
where
  u.id = $1
  and (
    $2::text is null
    or (
      bd.applications is null
      or $2 = any (bd.applications)
    )
  )
  and b.expires_at > now()
  and (
    bd.status = 'verified'
    and coalesce(
      a.policy #> '{methods,allowed}',
      t.policy #> '{methods,allowed}',
      '["totp","sms","email","webauthn"]'
    ) ? bd.method
    and b.created_at > coalesce(bd.address_changed_at, '-infinity')
  )
  and b.created_at > coalesce(u.trust_revoked_at, '-infinity')
order by
  b.id desc
limit
  1000
