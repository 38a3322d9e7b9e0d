import { sql } from '#persistence';

/** The columns of a `SealedNotice`, for `jsonb_to_recordset`. */
export const noticeFields = sql`
  id text, tenant_id text, user_ref text, device_id text, country text, prefix text, payload text, request_id text, traceparent text, at timestamptz`;

const jobs = { sms: 'deliver-sms-notice', email: 'deliver-notice' };

/**
 * The parts of a statement that write notices and the jobs that send them, so that they stand or fall with what they tell.
 * @param notices a query of the statement, with `noticeFields`
 */
export const writeNotices = (notices: string, channel: keyof typeof jobs) => sql`
  notice_row as (
    insert into delivery
      (id, tenant_id, user_id, device_id, channel, kind, country, prefix, payload_sealed, request_id, next_attempt_at, expires_at)
    select id, tenant_id, user_ref, device_id, '${channel}', 'notice', country, prefix, decode(payload, 'base64'), request_id,
      coalesce(at, now()), coalesce(at, now()) + interval '24 hours'
    from ${notices}
  ),
  notice_job as (
    insert into outbox (id, job, line, payload)
    select id, '${jobs[channel]}', tenant_id,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', id, 'requestId', request_id, 'traceparent', traceparent))
    from ${notices}
  )`;
