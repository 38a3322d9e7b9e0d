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
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'deviceId',
            x.id,
            'method',
            x.method,
            'name',
            x.name,
            'status',
            x.status,
            'applications',
            x.applications,
            'passkey',
            case
              when x.method = 'webauthn' then (
                select
                  json_build_object('credentialId', w.credential_id, 'transports', w.transports, 'backedUp', w.backed_up)
                from
                  webauthn_credential w
                where
                  w.device_id = x.id
              )
            end
          )
          order by
            x.id
        ),
        '[]'
      )
    from
      device x
    where
      x.user_id = u.id
      and x.id <> ''
  ) as others
from
  app_user u
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
where
  t.id = $1
  and a.tenant_id = $1
  and a.external_id = $2
  and u.external_id = $3
