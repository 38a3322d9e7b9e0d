with
  written as (
    insert into
      delivery (
        id,
        tenant_id,
        user_id,
        device_id,
        channel,
        kind,
        payload_sealed,
        request_id,
        next_attempt_at,
        expires_at
      )
    values
      (
        $1,
        $2,
        $3,
        $4,
        'email',
        'notice',
        $5,
        $6,
        coalesce($7::timestamptz, now()),
        coalesce($7::timestamptz, now()) + interval '24 hours'
      )
  )
insert into
  outbox (id, job, payload)
values
  ($1, 'deliver-notice', $8::jsonb)
