import { sql } from '#persistence';
import { isProven, paceOn, spentToday } from './send-code.sql.js';

/**
 * The part of a statement that sends codes to verified devices where nothing stands in the way: `sendCodeParts` for several
 * calls at once, without what a refusal needs. What it does not send for, that decides.
 *
 * A call passes where its only quota is the device's own and has room, its pace is right, and no rule of the pumping guard
 * applies or is near. It holds the same window by the same lock (`holdWindows`), or passes over what somebody else holds.
 *
 * @param calls name of a query with the calls' `n`, `send` (`SendValues.send`), `quota_key` and `quota_bound`; no two have the same key
 * @returns common table expressions; the last, `sending`, has a row for each call that sends, with the columns of `calls` too
 */
export function plainSendParts(calls: string): string {
  return sql`
  wish as (
    select c.*, decode(c.quota_key, 'base64') as window_key, decode(s.pace_key, 'base64') as pace_key,
      (now() at time zone s.zone)::date as today, make_interval(secs => s.resend_after) as pause,
      c.send ->> 'device_id' as to_device, s.code_id, s.ttl, s.address_mac, s.limits, s.per_hour, s.zone,
      s.delivery_id, s.channel, s.country, s.prefix, s.payload, s.request_id
    from ${calls} c, jsonb_to_record(c.send) as s(
      code_id text, ttl int, resend_after int, address_mac text, limits jsonb, pace_key text, per_hour int, zone text,
      delivery_id text, channel text, country text, prefix text, payload text, request_id text)
  ),
  held as (
    select w.* from (
      select w.*, w.today::timestamp at time zone 'UTC' as starts_at,
        pg_try_advisory_xact_lock(hashtextextended(encode(w.window_key, 'base64'), 0)) as got
      from wish w where not exists (
        select from jsonb_to_recordset(w.limits) as l(key text, bound numeric, counts text, rule text)
        where case when l.rule is null then l.key <> w.quota_key
          when ${isProven('w.tenant_id', 'w.address_mac')} then false
          when l.counts = 'spend' then l.bound <= ${spentToday('w.tenant_id')}
          else true end)
      offset 0
    ) w where w.got
  ),
  roomy as (
    select h.* from held h left join send_window q on q.key = h.window_key and q.starts_at = h.starts_at
    where q.key is null or q.lifted_at is not null or q.sent < h.quota_bound
  ),
  pace_row as (
    insert into send_pace as p (key, ready_at, hour_starts_at, hour_sent)
    select pace_key, clock_timestamp() + pause, clock_timestamp(), 1 from roomy
    on conflict (key) do update ${paceOn(
      '(select r.pause from roomy r where r.pace_key = excluded.key)',
      '(select r.per_hour from roomy r where r.pace_key = excluded.key)',
    )}
    returning p.key
  ),
  charged as (
    insert into send_window as q (key, starts_at, sent, tenant_id)
    select r.window_key, r.starts_at, 1, r.tenant_id from roomy r join pace_row p on p.key = r.pace_key
    on conflict (key, starts_at) do update set sent = q.sent + 1
    where q.lifted_at is not null or q.sent < (select r.quota_bound from roomy r where r.window_key = excluded.key)
    returning q.key, q.sent
  ),
  sending as (
    select r.*, true as sent, false as quota_exceeded, null::text as blocked_by, c.sent as quota_used,
      (r.today + 1)::timestamp at time zone r.zone as resets_at, now() + make_interval(secs => r.ttl) as code_expires_at,
      null::int as retry_after
    from roomy r join charged c on c.key = r.window_key
  ),
  code_row as (
    insert into code (subject_id, device_id, id, expires_at)
    select challenge_id, to_device, code_id, code_expires_at from sending
  ),
  delivery_row as (
    insert into delivery
      (id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, prefix, payload_sealed, request_id, expires_at)
    select delivery_id, tenant_id, user_ref, to_device, challenge_id, channel, 'code', country, prefix,
      decode(payload, 'base64'), request_id, code_expires_at
    from sending
  )`;
}
