with
  notice as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as n (
        id text,
        tenant_id text,
        user_ref text,
        device_id text,
        country text,
        prefix text,
        payload text,
        request_id text,
        traceparent text,
        at timestamptz
      )
  ),
  notice_row as (
    insert into
      delivery (
        id,
        tenant_id,
        user_id,
        device_id,
        channel,
        kind,
        country,
        prefix,
        payload_sealed,
        request_id,
        next_attempt_at,
        expires_at
      )
    select
      id,
      tenant_id,
      user_ref,
      device_id,
      'email',
      'notice',
      country,
      prefix,
      decode(payload, 'base64'),
      request_id,
      coalesce(at, now()),
      coalesce(at, now()) + interval '24 hours'
    from
      notice
  ),
  notice_job as (
    insert into
      outbox (id, job, line, payload)
    select
      id,
      'deliver-notice',
      tenant_id,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', id, 'requestId', request_id, 'traceparent', traceparent))
    from
      notice
  )
select
