import { Injectable } from '@nestjs/common';
import { deliveryRow, newId, type DeliveryPayload, type Policy, type Problem, type Quota } from '#contracts';
import { sentCode } from '#auth-core';
import { event, Finder, Sealer, type NewEvent } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { id, time } from '../http/schemas.js';
import { Pepper } from '../pepper.js';
import { refusal } from '../policy/refusal.js';
import { localeOf, type UserRow } from '../users/user-context.js';
import { maskAddress } from './addresses.js';

export const quotaAnswer = z.object({ limit: z.int(), used: z.int(), resetsAt: time }).meta({ id: 'Quota' });

export const sendAnswer = z
  .object({
    deliveryId: id('dlv'),
    resendAfter: z.int().meta({ description: 'Seconds until another code may be asked for' }),
    expiresAt: time.meta({ description: 'When the code dies' }),
    quota: quotaAnswer.optional().meta({ description: 'SMS of this device today' }),
  })
  .meta({ id: 'SentCode' });
export type SendAnswer = z.infer<typeof sendAnswer>;

/** Codes to one unproven number a day, across the whole tenant: enrolling a stranger's number must stay dull. */
const unprovenNumberPerDay = 15;

/** A device that gets codes by message. */
export interface MessageDevice {
  readonly deviceId: string;
  readonly method: 'sms' | 'email';
  readonly verified: boolean;
  readonly address: string;
  readonly addressMac: Buffer;
  readonly quotaKey: Buffer | null;
  /** Where the address is a number that the device is yet to get: what its code is sent for. */
  readonly changeId?: string;
}

/** The code last sent for the same subject and device. */
export interface CodeRow {
  readonly id: string;
  readonly sends: number;
  readonly lastSentAt: Date;
  readonly expiresAt: Date;
}

export interface PreparedSend {
  /** The JSON parameter that `sendCodeParts` reads. */
  readonly parameter: string;
  readonly events: readonly NewEvent[];
  readonly deliveryId: string;
  readonly policy: Policy;
  readonly method: 'sms' | 'email';
}

/** What the statement says about a send. */
export interface SendingRow {
  readonly sent: boolean;
  readonly quotaExceeded: boolean;
  readonly quotaUsed: number | null;
  readonly resetsAt: Date;
  readonly codeExpiresAt: Date | null;
  readonly retryAfter: number | null;
}

/** Columns of `SendingRow`, from the part's last query. */
export const sendingColumns = `
  sending.sent, sending.quota_exceeded as "quotaExceeded", sending.quota_used as "quotaUsed",
  sending.resets_at as "resetsAt", sending.code_expires_at as "codeExpiresAt", sending.retry_after as "retryAfter"`;

/**
 * The part of a statement that sends a code: the code's row, the day's quota, the sealed delivery. All or nothing,
 * except in a race for the first SMS of a day among more requests than the limit: there a loser's resend delay starts
 * without a message.
 *
 * A refusal by quota is looked for first, on rows that are locked, so that it costs nothing and tells what is true.
 * What counts is the upsert with its bound, since a row may be yet to come: of 500 parallel requests exactly the limit
 * passes; counting first and inserting then let 404–495 pass. An unproven number is charged before the user's own
 * quota and is a condition of it, so that whoever loses the race for a stranger's number keeps what is theirs.
 *
 * @param parameter placeholder of `PreparedSend.parameter`
 * @param gate name of a query that yields a row if the code may be sent at all
 * @returns common table expressions; the last, `sending`, has one row where the gate had one
 */
export function sendCodeParts(parameter: string, gate: string): string {
  return `
  send as (
    select s.*, (now() at time zone s.zone)::date as today
    from ${gate}, jsonb_to_record(${parameter}::jsonb) as s(
      tenant_id text, user_ref text, subject_id text, device_id text, challenge_id text, code_id text, ttl int,
      max_sends int, resend_after int, quota_keys text[], quota_limits int[], own_quota_key text, zone text,
      delivery_id text, channel text, payload text, request_id text)
  ),
  quota_wanted as (
    select k.n, decode(k.key, 'base64') as key, send.quota_limits[k.n] as bound, send.today
    from send, unnest(send.quota_keys) with ordinality as k(key, n)
  ),
  quota_now as (
    select q.key, q.used from quota_wanted w join sms_quota q on q.key = w.key and q.day = w.today
    order by w.n for update of q
  ),
  quota_full as (
    select 1 from quota_wanted w left join quota_now q on q.key = w.key where coalesce(q.used, 0) >= w.bound
  ),
  code_row as (
    insert into code as c (subject_id, device_id, id, expires_at)
    select subject_id, device_id, code_id, now() + make_interval(secs => ttl) from send
    where not exists (select from quota_full)
    on conflict (subject_id, device_id) do update set
      id = excluded.id,
      expires_at = case when c.id = excluded.id then c.expires_at else excluded.expires_at end,
      sends = c.sends + 1,
      last_sent_at = now(),
      consumed_at = null
    where c.sends < (select max_sends from send)
      and c.last_sent_at <= now() - make_interval(secs => (select resend_after from send))
      and (c.id = excluded.id or c.expires_at <= now())
    returning c.id, c.expires_at
  ),
  quota_first as (
    insert into sms_quota as q (key, day, used)
    select w.key, w.today, 1 from quota_wanted w, code_row where w.n = 1
    on conflict (key, day) do update set used = q.used + 1
    where q.used < (select w.bound from quota_wanted w where w.key = q.key)
    returning q.key, q.used
  ),
  quota_second as (
    insert into sms_quota as q (key, day, used)
    select w.key, w.today, 1 from quota_wanted w, quota_first where w.n = 2
    on conflict (key, day) do update set used = q.used + 1
    where q.used < (select w.bound from quota_wanted w where w.key = q.key)
    returning q.key, q.used
  ),
  quota_charged as (select * from quota_first union all select * from quota_second),
  sending as (
    select
      coalesce(code_row.id is not null and n.charged = cardinality(send.quota_keys), false) as sent,
      exists (select from quota_full) or (code_row.id is not null and n.charged < cardinality(send.quota_keys))
        as quota_exceeded,
      coalesce(
        (select used from quota_charged where key = decode(send.own_quota_key, 'base64')),
        (select used from quota_now where key = decode(send.own_quota_key, 'base64'))
      ) as quota_used,
      ((send.today + 1)::timestamp at time zone send.zone) as resets_at,
      code_row.expires_at as code_expires_at,
      ceil(extract(epoch from (send.today + 1)::timestamp at time zone send.zone - now()))::int as retry_after
    from send
    left join code_row on true
    cross join (select count(*) as charged from quota_charged) n
  ),
  delivery_row as (
    insert into delivery
      (id, tenant_id, user_id, device_id, challenge_id, channel, kind, payload_sealed, request_id, expires_at)
    select send.delivery_id, send.tenant_id, send.user_ref, send.device_id, send.challenge_id, send.channel, 'code',
      decode(send.payload, 'base64'), send.request_id, sending.code_expires_at
    from send, sending where sending.sent
  )`;
}

/** Guard columns for `appendEvents` after `sendCodeParts`. */
export const sendingOutcomes = `
  case when sending.sent then array['sent'] when sending.quota_exceeded then array['quota_exceeded']
    else array[]::text[] end as outcomes,
  jsonb_build_object('code.requested', jsonb_build_object('expiresAt',
    to_char(sending.code_expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) as patch`;

/** Prepares the sending of codes and reads what came of it. */
@Injectable()
export class SendCode {
  constructor(
    private readonly sealer: Sealer,
    private readonly finder: Finder,
    private readonly pepper: Pepper,
  ) {}

  /** What a device's address is found and counted by. */
  addressMacs(row: Pick<UserRow, 'tenantId' | 'userRef'>, method: 'sms' | 'email', address: string) {
    return {
      addressMac: this.finder.mac('address', row.tenantId, method, address),
      quotaKey: method === 'sms' ? this.finder.mac('sms-quota', row.userRef, address) : null,
    };
  }

  /**
   * Refuses what the rows already show, without charging anything.
   * @throws {Problem} `resend_too_soon`, `send_limit_reached`
   */
  assertMaySend(last: CodeRow | null, policy: Policy, now: Date): void {
    if (!last) return;
    if (last.sends >= policy.code.maxSends)
      throw refusal(policy, 'send_limit_reached', { retryAfter: policy.challenge.ttlSeconds });
    const wait = last.lastSentAt.getTime() + policy.code.resendAfterSeconds * 1000 - now.getTime();
    if (wait > 0) throw refusal(policy, 'resend_too_soon', { retryAfter: Math.ceil(wait / 1000) });
  }

  /**
   * @param subject id of the challenge, or null for the device's own enrolment
   * @param last the code last sent for it: while it is alive, the same one goes out again
   */
  prepare(
    row: UserRow,
    device: MessageDevice,
    policy: Policy,
    subject: { challengeId: string; purpose: string; detail: string | null } | null,
    last: CodeRow | null,
    caller: Pick<Caller, 'requestId' | 'language'>,
  ): PreparedSend {
    const alive = last !== null && row.now < last.expiresAt;
    const codeId = alive ? last.id : newId('code');
    const lifeMs = alive ? last.expiresAt.getTime() - row.now.getTime() : policy.code.ttlSeconds * 1000;
    const deliveryId = newId('delivery');
    const payload: DeliveryPayload = {
      kind: 'code',
      to: device.address,
      code: sentCode(this.pepper.key, codeId),
      brand: policy.sms.brand,
      host: policy.sms.host,
      locale: localeOf(row, caller.language),
      purpose: subject?.purpose ?? 'enrolment',
      detail: subject?.detail ?? null,
      minutes: Math.max(1, Math.floor(lifeMs / 60_000)),
    };
    const quotas: { key: Buffer; bound: number }[] = [];
    if (device.method === 'sms' && device.quotaKey) {
      // Always in this order, so that two statements never wait for each other.
      if (!device.verified) quotas.push({ key: device.addressMac, bound: unprovenNumberPerDay });
      quotas.push({ key: device.quotaKey, bound: policy.phone.smsPerDevicePerDay });
    }
    const sealed = this.sealer.seal(
      'delivery',
      deliveryRow(row.tenantId, device.deviceId, deliveryId),
      JSON.stringify(payload),
    );
    const parameter = JSON.stringify({
      tenant_id: row.tenantId,
      user_ref: row.userRef,
      subject_id: subject?.challengeId ?? device.changeId ?? device.deviceId,
      device_id: device.deviceId,
      challenge_id: subject?.challengeId ?? null,
      code_id: codeId,
      ttl: policy.code.ttlSeconds,
      max_sends: policy.code.maxSends,
      resend_after: policy.code.resendAfterSeconds,
      quota_keys: quotas.map(({ key }) => key.toString('base64')),
      quota_limits: quotas.map(({ bound }) => bound),
      own_quota_key: device.quotaKey?.toString('base64') ?? null,
      zone: policy.phone.timeZone,
      delivery_id: deliveryId,
      channel: device.method,
      payload: sealed.toString('base64'),
      request_id: caller.requestId,
    });
    const facts = {
      deviceId: device.deviceId,
      method: device.method,
      ...(subject ? { challengeId: subject.challengeId } : {}),
    };
    const events = [
      event(
        'code.requested',
        { deliveryId, ...facts },
        {
          when: 'sent',
          job: device.method === 'sms' ? 'deliver-sms' : 'deliver-email',
          payload: { deliveryId },
          personal: { maskedAddress: maskAddress(device.address) },
        },
      ),
      event('code.quota_exceeded', { ...facts, limit: policy.phone.smsPerDevicePerDay }, { when: 'quota_exceeded' }),
    ];
    return { parameter, events, deliveryId, policy, method: device.method };
  }

  /** What the caller is told: the delivery, or why there is none. */
  outcome(prepared: PreparedSend, row: SendingRow): SendAnswer | Problem {
    const { policy } = prepared;
    const limit = policy.phone.smsPerDevicePerDay;
    const resetsAt = row.resetsAt.toISOString();
    const quota: Quota | undefined =
      prepared.method === 'sms' ? { limit, used: Math.min(row.quotaUsed ?? 0, limit), resetsAt } : undefined;
    if (row.sent && row.codeExpiresAt) {
      return {
        deliveryId: prepared.deliveryId,
        resendAfter: policy.code.resendAfterSeconds,
        expiresAt: row.codeExpiresAt.toISOString(),
        ...(quota ? { quota } : {}),
      };
    }
    if (row.quotaExceeded) {
      return refusal(policy, 'sms_quota_exceeded', {
        ...(quota ? { quota } : {}),
        ...(row.retryAfter === null ? {} : { retryAfter: row.retryAfter }),
      });
    }
    return refusal(policy, 'resend_too_soon', { retryAfter: policy.code.resendAfterSeconds });
  }
}
