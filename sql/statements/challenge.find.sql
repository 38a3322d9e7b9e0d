select
  c.id,
  c.status as "challengeStatus",
  c.purpose,
  c.application,
  c.checks,
  c.max_checks as "maxChecks",
  c.created_at as "createdAt",
  c.expires_at as "challengeExpiresAt",
  c.ended_at as "endedAt",
  c.approved_device_id as "approvedBy",
  now() as now,
  u.locale as "userLocale",
  a.locale as "accountLocale",
  a.external_id as "accountId",
  u.external_id as "userId",
  t.policy::text as "tenantPolicy",
  a.policy::text as "accountPolicy",
  exists (
    select
    from
      challenge c
    where
      c.id = $1
      and c.user_id = u.id
      and c.status = 'approved'
      and (
        c.ended_at > u.enrolled_at
        or c.enroll
        and c.ended_at = u.enrolled_at
      )
      and case
        when c.approved_device_id is null then exists (
          select
          from
            recovery_pool p
          where
            p.user_id = u.id
            and (
              p.enrolment_device_id is null
              and p.generated_at < c.ended_at
            )
        )
        else exists (
          select
          from
            device g
          where
            g.id = c.approved_device_id
            and g.user_id = u.id
            and (
              g.status = 'verified'
              and coalesce(
                a.policy #> '{methods,allowed}',
                t.policy #> '{methods,allowed}',
                '["totp","sms","email","webauthn"]'
              ) ? g.method
              and c.ended_at > coalesce(g.address_changed_at, '-infinity')
            )
        )
      end
  ) as "inForce",
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'id',
            l.id,
            'deviceId',
            l.device_id,
            'channel',
            l.channel,
            'status',
            l.status,
            'createdAt',
            l.created_at
          )
          order by
            l.id
        ),
        '[]'
      )
    from
      delivery l
    where
      l.challenge_id = c.id
  ) as deliveries
from
  challenge c
  join app_user u on u.id = c.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = c.tenant_id
where
  c.id = $1
  and c.tenant_id = $2
