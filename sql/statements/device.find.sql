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
  d.id as "deviceId",
  d.method,
  d.name,
  d.status,
  d.is_default as "isDefault",
  d.address_sealed as "addressSealed",
  d.address_mac as "addressMac",
  d.quota_key as "quotaKey",
  d.wrong_codes as "wrongCodes",
  d.locked_until as "lockedUntil",
  d.last_used_at as "lastUsedAt",
  d.created_at as "deviceCreatedAt",
  d.verified_at as "verifiedAt",
  d.applications,
  case
    when d.status <> 'unverified'
    or d.approval_id is null
    or exists (
      select
      from
        challenge c
      where
        c.id = d.approval_id
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
    ) then d.enrolment_expires_at
    else d.created_at
  end as "enrolmentExpiresAt",
  d.pending_id as "pendingId",
  d.pending_sealed as "pendingSealed",
  d.pending_mac as "pendingMac",
  d.pending_quota_key as "pendingQuotaKey",
  case
    when d.pending_id is null
    or exists (
      select
      from
        challenge c
      where
        c.id = d.pending_approval_id
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
    ) then d.pending_expires_at
    else d.created_at
  end as "pendingExpiresAt",
  case
    when d.method = 'webauthn' then (
      select
        json_build_object('credentialId', w.credential_id, 'transports', w.transports, 'backedUp', w.backed_up)
      from
        webauthn_credential w
      where
        w.device_id = d.id
    )
  end as passkey,
  array(
    select
      pd.method
    from
      device pd
    where
      pd.user_id = d.user_id
      and pd.verified_at is not null
  ) as "provedMethods",
  (
    select
      sent
    from
      send_window q
    where
      q.key = d.quota_key
      and q.starts_at = (
        now() at time zone((coalesce(a.policy #> '{phone,timeZone}', t.policy #> '{phone,timeZone}', '"UTC"'::jsonb)) #>> '{}')
      )::date::timestamp at time zone 'UTC'
  ) as "quotaUsed",
  (
    (
      (
        now() at time zone((coalesce(a.policy #> '{phone,timeZone}', t.policy #> '{phone,timeZone}', '"UTC"'::jsonb)) #>> '{}')
      )::date + 1
    )::timestamp at time zone((coalesce(a.policy #> '{phone,timeZone}', t.policy #> '{phone,timeZone}', '"UTC"'::jsonb)) #>> '{}')
  ) as "resetsAt",
  c.id as "codeId",
  c.sends,
  c.last_sent_at as "lastSentAt",
  c.expires_at as "codeExpiresAt"
from
  device d
  join app_user u on u.id = d.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
  left join code c on c.subject_id = coalesce(d.pending_id, d.id)
  and c.device_id = d.id
where
  d.id = $1
  and d.tenant_id = $2
