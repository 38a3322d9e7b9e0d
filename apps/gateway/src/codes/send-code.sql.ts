import { isoTime, sql } from '#persistence';
import type { SendingRule } from '#contracts';
import { chargedPlaces, holdWindows, ownQuota, provenDays, ratioFrom, windowsHeld } from './sending-limits.js';

/** What the statement says about a send. */
export interface SendingRow {
  readonly sent: boolean;
  readonly quotaExceeded: boolean;
  /** Rule of the pumping guard that refused. */
  readonly blockedBy: SendingRule | null;
  readonly quotaUsed: number | null;
  readonly resetsAt: Date;
  readonly codeExpiresAt: Date | null;
  readonly retryAfter: number | null;
}

/** Columns of `SendingRow`, from the part's last query. */
export const sendingColumns = sql`
  sending.sent, sending.quota_exceeded as "quotaExceeded", sending.blocked_by as "blockedBy", sending.quota_used as "quotaUsed",
  sending.resets_at as "resetsAt", sending.code_expires_at as "codeExpiresAt", sending.retry_after as "retryAfter"`;

/** Sends of a verified device that may follow each other at once; then each waits for the resend delay. */
const burst = 3;

/** Whoever logged in with an address lately is no victim and no accomplice of those who are paid for SMS. */
export const isProven = (tenantId: string, addressMac: string) => sql`
  exists (
    select from device x where x.tenant_id = ${tenantId} and x.address_mac = decode(${addressMac}, 'base64')
      and x.status = 'verified' and x.last_used_at > now() - interval '${provenDays} days')`;

/** What the tenant's SMS have cost today. */
export const spentToday = (tenantId: string) => sql`
  (select coalesce(sum(s.cost), 0) from sms_spend s
   where s.tenant_id = ${tenantId} and s.day = (now() at time zone 'UTC')::date)`;

/** What one more send does to the row `p` of its `send_pace`, where that lets it pass. */
export const paceOn = (pause: string, perHour: string) => sql`set
      ready_at = greatest(least(p.ready_at, clock_timestamp() + ${burst} * ${pause}), clock_timestamp()) + ${pause},
      hour_starts_at = case when p.hour_starts_at > clock_timestamp() - interval '1 hour' then p.hour_starts_at else clock_timestamp() end,
      hour_sent = case when p.hour_starts_at > clock_timestamp() - interval '1 hour' then p.hour_sent + 1 else 1 end
    where least(p.ready_at, clock_timestamp() + ${burst} * ${pause}) <= clock_timestamp() + ${burst - 1} * ${pause}
      and (p.hour_starts_at <= clock_timestamp() - interval '1 hour' or p.hour_sent < ${perHour})`;

/** Whether a row `q` of `send_window` lets one more pass, by a row `w` of `limit_wanted`. */
const within = sql`(q.lifted_at is not null or case w.counts
      when 'sent' then q.sent < w.bound
      when 'unanswered' then q.sent - q.approved < w.bound
      else q.sent < ${ratioFrom} or q.approved * 100 >= q.sent * w.bound end)`;

/** Charges one limit after those before it: a send that loses the race for one leaves the later ones as they are. */
const charge = (place: number, passed: string) => sql`
  charged_${place} as (
    insert into send_window as q (key, starts_at, sent, tenant_id, rule, label)
    select w.key, w.starts_at, 1, send.tenant_id, w.rule, w.label from limit_wanted w, send, ${passed}
    where w.n = ${place}
    on conflict (key, starts_at) do update set sent = q.sent + 1
    where exists (select from limit_wanted w where w.n = ${place} and ${within})
    returning q.sent
  ),
  passed_${place} as (
    select 1 from ${passed}
    where not exists (select from limit_wanted where n = ${place}) or exists (select from charged_${place})
  )`;

/**
 * The part of a statement that sends a code: the code's row, the limits, the sealed delivery. All or nothing, except in a
 * race for the first message of a day or an hour among more requests than the limit: there a loser's resend delay starts
 * without a message.
 *
 * A refusal is looked for first, on locked rows, so that it costs nothing and its reason is true. The upsert with its bound
 * decides, since a row may not be there yet: of 500 parallel requests exactly as many pass as the limit allows; counting
 * first and then inserting let 404 to 495 pass.
 *
 * @param parameter placeholder of `SendValues.send`
 * @param gate name of a query that yields a row if the code may be sent at all
 * @param device whether it goes to a device that is verified
 * @returns common table expressions; the last, `sending`, has one row where the gate had one
 */
export function sendCodeParts(parameter: string, gate: string, device: 'verified' | 'unverified'): string {
  const charged: readonly number[] = chargedPlaces[device];
  const last = Math.max(...charged);
  const chain = charged.map((place, index) => charge(place, index === 0 ? 'paced' : `passed_${charged[index - 1]}`));
  const failed = charged.map((place) => sql`w.n = ${place} and not exists (select from charged_${place})`);
  return sql`
  send as (
    select s.*, (now() at time zone s.zone)::date as today, make_interval(secs => s.resend_after) as pause
    from ${gate}, jsonb_to_record(${parameter}::jsonb) as s(
      tenant_id text, user_ref text, subject_id text, device_id text, challenge_id text, code_id text, ttl int,
      max_sends int, resend_after int, address_mac text, limits jsonb, pace_key text, per_hour int, guess_key text,
      zone text,
      delivery_id text, channel text, country text, prefix text, payload text, request_id text)
  ),
  proven as (
    select 1 from send where ${isProven('send.tenant_id', 'send.address_mac')}
  ),
  limit_wanted as (
    select l.n, decode(l.key, 'base64') as key, l.bound, l.counts, l.rule, l.label,
      case l.lasts when 'hour' then date_trunc('hour', now())
        when 'day' then send.today::timestamp at time zone 'UTC'
        else date_trunc('day', now(), 'UTC') end as starts_at,
      case l.lasts when 'hour' then date_trunc('hour', now()) + interval '1 hour'
        when 'day' then (send.today + 1)::timestamp at time zone send.zone
        else date_trunc('day', now(), 'UTC') + interval '1 day' end as ends_at
    from send, jsonb_to_recordset(send.limits) as l(
      n int, key text, bound numeric, counts text, lasts text, rule text, label text)
    where l.rule is null or not exists (select from proven)
  ),
  ${holdWindows('limit_held', 'select n, key from limit_wanted')},
  limit_now as (
    select w.n, q.sent, q.approved, q.lifted_at
    from limit_wanted w join send_window q on q.key = w.key and q.starts_at = w.starts_at
    where ${windowsHeld('limit_held')}
    order by w.n for update of q
  ),
  limit_full as (
    select w.n, w.rule, w.ends_at from limit_wanted w left join limit_now q on q.n = w.n
    where q.lifted_at is null and case w.counts
      when 'sent' then coalesce(q.sent, 0) >= w.bound
      when 'unanswered' then coalesce(q.sent - q.approved, 0) >= w.bound
      when 'ratio' then q.sent >= ${ratioFrom} and q.approved * 100 < q.sent * w.bound
      when 'spend' then w.bound <= (select ${spentToday('send.tenant_id')} from send)
      else true end
  ),
  -- By the clock: whoever waited for the row began before those that it waited for.
  pace_now as (
    select p.* from send join send_pace p on p.key = decode(send.pace_key, 'base64')
    where ${windowsHeld('limit_held')} for update of p
  ),
  -- No later than by the pause of the policy now, which may have become shorter.
  pace_then as (
    select least(p.ready_at, clock_timestamp() + ${burst} * send.pause) as ready_at, p.hour_starts_at, p.hour_sent
    from pace_now p, send
  ),
  too_soon as (
    select greatest(p.ready_at - ${burst - 1} * send.pause,
      case when p.hour_sent >= send.per_hour then p.hour_starts_at + interval '1 hour' end) as ends_at
    from pace_then p, send
    where p.ready_at > clock_timestamp() + ${burst - 1} * send.pause
      or (p.hour_sent >= send.per_hour and p.hour_starts_at > clock_timestamp() - interval '1 hour')
  ),
  code_row as (
    insert into code as c (subject_id, device_id, id, expires_at)
    select subject_id, device_id, code_id, now() + make_interval(secs => ttl) from send
    where not exists (select from limit_full) and not exists (select from too_soon)
    on conflict (subject_id, device_id) do update set
      id = excluded.id,
      expires_at = case when c.id = excluded.id then c.expires_at else excluded.expires_at end,
      sends = c.sends + 1,
      last_sent_at = now(),
      consumed_at = null
    where c.sends < (select max_sends from send)
      and c.last_sent_at <= now() - (select pause from send)
      and (c.id = excluded.id or c.expires_at <= now())
    returning c.id, c.expires_at
  ),
  pace_row as (
    insert into send_pace as p (key, ready_at, hour_starts_at, hour_sent)
    select decode(pace_key, 'base64'), clock_timestamp() + pause, clock_timestamp(), 1 from send, code_row where pace_key is not null
    on conflict (key) do update ${paceOn('(select pause from send)', '(select per_hour from send)')}
    returning p.key
  ),
  paced as (select 1 from send, code_row where pace_key is null or exists (select from pace_row)),
  ${chain.join(',')},
  refused as (
    select n, rule, ends_at from limit_full
    union all
    select w.n, w.rule, w.ends_at from limit_wanted w, paced where ${failed.map((each) => `(${each})`).join(' or ')}
    order by n limit 1
  ),
  -- What refused is there to be seen, and to be lifted.
  block_row as (
    insert into send_window as q (key, starts_at, tenant_id, rule, label, blocked_at, refused)
    select w.key, w.starts_at, send.tenant_id, w.rule, w.label, now(), 1
    from refused r join limit_wanted w on w.n = r.n, send where r.rule is not null
    on conflict (key, starts_at) do update set blocked_at = coalesce(q.blocked_at, now()), refused = q.refused + 1
  ),
  sending as (
    select
      exists (select from passed_${last}) as sent,
      refused.n is not null and refused.rule is null as quota_exceeded,
      refused.rule as blocked_by,
      coalesce((select sent from charged_${ownQuota}), (select sent from limit_now where n = ${ownQuota})) as quota_used,
      ((send.today + 1)::timestamp at time zone send.zone) as resets_at,
      code_row.expires_at as code_expires_at,
      ceil(extract(epoch from coalesce(refused.ends_at, too_soon.ends_at) - clock_timestamp()))::int as retry_after
    from send
    left join code_row on true
    left join refused on true
    left join too_soon on true
  ),
  -- There before the first guess, so that guesses wait for each other.
  guess_row as (
    insert into address_guess (key, wrong_codes)
    select decode(guess_key, 'base64'), 0 from send, sending where guess_key is not null and sending.sent
    on conflict (key) do nothing
  ),
  delivery_row as (
    insert into delivery
      (id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, prefix, payload_sealed, request_id, expires_at)
    select send.delivery_id, send.tenant_id, send.user_ref, send.device_id, send.challenge_id, send.channel, 'code',
      send.country, send.prefix, decode(send.payload, 'base64'), send.request_id, sending.code_expires_at
    from send, sending where sending.sent
  )`;
}

/** Guard columns for `appendEvents` after `sendCodeParts`. */
export const sendingOutcomes = sql`
  case when sending.sent then array['sent'] when sending.blocked_by is not null then array['blocked']
    when sending.quota_exceeded then array['quota_exceeded'] else array[]::text[] end as outcomes,
  jsonb_build_object(
    'code.requested', jsonb_build_object('expiresAt',
      ${isoTime('sending.code_expires_at')}),
    'code.blocked', jsonb_build_object('rule', sending.blocked_by)) as patch`;
