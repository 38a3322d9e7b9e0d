select
  d.id,
  d.tenant_id as "tenantId",
  d.user_id as "userId",
  d.device_id as "deviceId",
  d.challenge_id as "challengeId",
  d.channel,
  d.kind,
  d.country,
  d.request_id as "requestId",
  d.fence,
  (
    select
      a.external_id
    from
      app_user u
      join account a on a.id = u.account_id
    where
      u.id = d.user_id
  ) as "accountExternalId",
  (
    select
      u.external_id
    from
      app_user u
    where
      u.id = d.user_id
  ) as "userExternalId",
  d.status in ('queued', 'sending') as open,
  (
    d.status || '' = 'sent'
    and d.awaits_receipt::int = 1
  ) as waits,
  d.expires_at <= clock_timestamp() as expired,
  not (
    d.fence = 0
    or (
      select
        count(*) < 4
        and (
          d.channel <> 'sms'
          or count(*) filter (
            where
              t.outcome is not null
              and t.error is distinct from 'worker-lost'
          ) < 2
        )
      from
        delivery_attempt t
      where
        t.delivery_id = d.id
        and (
          t.outcome is null
          or t.outcome in ('unknown', 'sent')
        )
        and t.receipt is distinct from 'failed'
    )
  ) as exhausted,
  coalesce(
    (
      extract(
        epoch
        from
          (d.lease_until - clock_timestamp())
      ) * 1000
    )::float8,
    0
  ) as "leaseMs",
  (
    extract(
      epoch
      from
        (d.next_attempt_at - clock_timestamp())
    ) * 1000
  )::float8 as "dueMs"
from
  delivery d
where
  d.id = $1
