select
  l.id,
  a.external_id as "accountId",
  u.external_id as "userId",
  l.device_id as "deviceId",
  l.challenge_id as "challengeId",
  l.channel,
  l.kind,
  l.status,
  l.provider,
  l.error,
  l.created_at as "createdAt",
  l.expires_at as "expiresAt",
  l.sent_at as "sentAt",
  l.ended_at as "endedAt",
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'number',
            t.number,
            'provider',
            t.provider,
            'startedAt',
            t.started_at,
            'endedAt',
            t.ended_at,
            'outcome',
            t.outcome,
            'error',
            t.error,
            'price',
            t.price,
            'receipt',
            t.receipt,
            'receiptAt',
            t.receipt_at,
            'receiptError',
            t.receipt_error
          )
          order by
            t.number
        ),
        '[]'
      )
    from
      delivery_attempt t
    where
      t.delivery_id = l.id
  ) as attempts
from
  delivery l
  join app_user u on u.id = l.user_id
  join account a on a.id = u.account_id
where
  l.tenant_id = $1
  and l.id < $2
  and (
    $3::text is null
    or (
      l.challenge_id is null
      or (
        select
          c.application
        from
          challenge c
        where
          c.id = l.challenge_id
      ) = $3
    )
    and coalesce(
      (
        select
          (
            d.applications is null
            or $3 = any (d.applications)
          )
        from
          device d
        where
          d.id = l.device_id
      ),
      true
    )
  )
  and a.tenant_id = $1
  and a.external_id = $4
  and u.tenant_id = $1
  and u.external_id = $5
  and l.challenge_id = $6
order by
  l.id desc
limit
  $7
