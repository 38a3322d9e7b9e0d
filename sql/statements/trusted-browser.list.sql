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
    ) ? bd.method
    and b.created_at > coalesce(bd.address_changed_at, '-infinity')
  )
  and b.created_at > coalesce(u.trust_revoked_at, '-infinity')
order by
  b.id desc
limit
  1000
