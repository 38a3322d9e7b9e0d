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
              and (
                case
                  when (
                    a.policy #>> '{exemptions,override,until}' is not null
                    and coalesce(t.policy #> '{exemptions,required}', 'false'::jsonb) = 'true'
                    and coalesce(
                      case
                        when a.policy #>> '{exemptions,override,until}' ~ '^(19[7-9]|2[0-9]{2})[0-9]-[0-9T:.-]+(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$' then now() >= (a.policy #>> '{exemptions,override,until}')::timestamptz
                      end,
                      true
                    )
                  )
                  and (
                    not coalesce(t.policy #> '{methods,allowed}', '["totp","sms","email","webauthn"]'::jsonb) @> coalesce(
                      a.policy #> '{methods,allowed}',
                      t.policy #> '{methods,allowed}',
                      '["totp","sms","email","webauthn"]'::jsonb
                    )
                    or not (
                      coalesce(t.policy #> '{methods,allowed}', '["totp","sms","email","webauthn"]'::jsonb) - array(
                        select
                          jsonb_array_elements_text(coalesce(t.policy #> '{methods,notAlone}', '[]'::jsonb))
                      )
                    ) @> (
                      coalesce(
                        a.policy #> '{methods,allowed}',
                        t.policy #> '{methods,allowed}',
                        '["totp","sms","email","webauthn"]'::jsonb
                      ) - array(
                        select
                          jsonb_array_elements_text(coalesce(a.policy #> '{methods,notAlone}', t.policy #> '{methods,notAlone}', '[]'::jsonb))
                      )
                    )
                  ) then coalesce(t.policy #> '{methods,allowed}', '["totp","sms","email","webauthn"]'::jsonb)
                  else coalesce(
                    a.policy #> '{methods,allowed}',
                    t.policy #> '{methods,allowed}',
                    '["totp","sms","email","webauthn"]'::jsonb
                  )
                end
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
