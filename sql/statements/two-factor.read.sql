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
  u.xmin::text as version,
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'id',
            d.id,
            'method',
            d.method,
            'name',
            d.name,
            'status',
            d.status,
            'phone',
            case
              when d.method = 'sms'
              and d.verified_at is not null then encode(d.address_sealed, 'base64')
            end
          )
          order by
            d.id
        ),
        '[]'
      )
    from
      device d
    where
      d.user_id = u.id
  ) as devices,
  (
    select
      coalesce(
        json_agg(
          json_build_object('id', c.id, 'purpose', c.purpose, 'application', c.application)
          order by
            c.id
        ),
        '[]'
      )
    from
      challenge c
    where
      c.user_id = u.id
      and c.status = 'pending'
      and c.expires_at > now()
  ) as challenges,
  (
    select
      coalesce(
        json_agg(
          json_build_object('id', l.id, 'subject', l.subject, 'deviceId', l.device_id)
          order by
            l.id
        ),
        '[]'
      )
    from
      lockout l
    where
      l.user_id = u.id
      and l.ended_at is null
      and l.locked_until > now()
  ) as lockouts
from
  app_user u
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
where
  t.id = $1
  and a.tenant_id = $1
  and a.external_id = $2
  and u.external_id = $3
