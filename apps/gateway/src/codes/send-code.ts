import { Injectable } from '@nestjs/common';
import { deliveryRow, invalidRequest, newId, Problem, type DeliveryPayload, type Policy, type Quota } from '#contracts';
import { sentCode } from '#auth-core';
import { fitsSms } from '#delivery';
import { event, eventsToWrite, Finder, Sealer, type NewEvent } from '#persistence';
import type { Caller } from '../http/caller.js';
import { refusal } from '../refusals/refusals.js';
import { localeOf, UserContext } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { AddressKeys } from './address-keys.js';
import { destinationOf, maskAddress } from './addresses.js';
import type { SendAnswer } from './code.schema.js';
import { Pepper } from './pepper.js';
import type { SendingRow } from './send-code.sql.js';
import { ownQuota, sendLimits, type SendLimit } from './sending-limits.js';

type CodePayload = Extract<DeliveryPayload, { kind: 'code' }>;

/** What sets a send apart in the counts. */
export interface SendSource {
  /** Whether the user has logged in from there before: what strangers ask for paces nobody else. */
  readonly known: boolean;
  /** Whether part of the day's messages is kept back from this send, for whom they belong to. */
  readonly othersOnly: boolean;
}

/** A device that gets codes by message. */
export interface MessageDevice {
  readonly deviceId: string;
  readonly method: 'sms' | 'email';
  readonly verified: boolean;
  readonly address: string;
  readonly addressMac: Buffer;
  readonly quotaKey: Buffer | null;
  /** Where its challenge comes from; left out for enrolments. */
  readonly source?: SendSource;
  /** Where the address is a number that the device is yet to get: what its code is sent for. */
  readonly changeId?: string;
}

/** The code last sent for the same subject and device. */
export interface LastCode {
  readonly codeId: string | null;
  readonly sends: number;
  readonly lastSentAt: Date;
  readonly codeExpiresAt: Date;
}

/** A code that is asked for. */
export interface CodeRequest {
  readonly caller: Caller;
  readonly owner: UserRow;
  readonly policy: Policy;
  readonly device: MessageDevice;
  /** The challenge that it answers; left out for the device's own enrolment. */
  readonly challenge?: { readonly challengeId: string; readonly purpose: string; readonly detail: string | null };
  /** While it is alive, the same code goes out again. */
  readonly last?: LastCode;
  /** Events of the same change, before those of the send; its outcomes are `sent`, `quota_exceeded` and `blocked`. */
  readonly events?: readonly NewEvent[];
}

/** Values that every sending statement takes: what `sendCodeParts` reads, and the events. */
export interface SendValues {
  readonly send: object;
  readonly events: object;
}

/** @param quota the device's own, of a day */
type SendingStatement<Row> = (values: SendValues, quota: SendLimit) => Promise<Row | undefined>;

/** A send as it goes into its statement. */
interface Prepared {
  readonly codeId: string;
  readonly deliveryId: string;
  /** The sealed message. */
  readonly payload: Buffer;
}

/** Sends codes: one statement makes the code, charges the limits and writes the sealed message. */
@Injectable()
export class SendCode {
  constructor(
    private readonly sealer: Sealer,
    private readonly finder: Finder,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly keys: AddressKeys,
  ) {}

  /**
   * @returns undefined where the statement found nothing to send a code for
   * @throws {Problem} why no code goes out
   */
  async send<Row extends SendingRow>(
    request: CodeRequest,
    statement: SendingStatement<Row>,
  ): Promise<{ readonly row: Row; readonly sent: SendAnswer } | undefined> {
    const done = await this.attempt(request, statement);
    if (done === undefined) return undefined;
    if (done.sent instanceof Problem) throw done.sent;
    return { row: done.row, sent: done.sent };
  }

  /** `send`, for calls that are good without the code: what stands in its way is told and not thrown. */
  async attempt<Row extends SendingRow>(
    request: CodeRequest,
    statement: SendingStatement<Row>,
  ): Promise<{ readonly row: Row; readonly sent: SendAnswer | Problem } | undefined> {
    const { caller, owner, events = [] } = request;
    assertMaySend(request);
    const prepared = this.prepare(request);
    const limits = this.limits(request);
    const own = limits.find(({ n }) => n === ownQuota);
    if (!own) throw new TypeError('A device without a quota.');
    const values = {
      send: this.parameter(request, prepared, limits),
      events: eventsToWrite(this.users.events(caller, owner), [...events, ...eventsOfSend(request, prepared)]),
    };
    const row = await statement(values, own);
    return row && { row, sent: outcomeOf(request, prepared.deliveryId, row) };
  }

  /**
   * Refuses a challenge whose detail no SMS could show, before a user is asked to confirm what they do not see.
   * @throws {Problem} `invalid_request`
   */
  assertShown(
    row: Pick<UserRow, 'userLocale' | 'accountLocale'>,
    policy: Policy,
    subject: { purpose: string; detail: string },
    caller: Pick<Caller, 'language'>,
    pointer: '/detail' | '/transaction',
  ): void {
    const { brand, host } = policy.sms;
    const minutes = Math.max(1, Math.floor(policy.code.ttlSeconds / 60));
    const locale = localeOf(row, caller.language);
    const payload = { kind: 'code', to: '', code: '000000', brand, host, locale, minutes, ...subject } as const;
    if (!fitsSms(payload)) throw detailTooLong(policy, pointer);
  }

  private prepare({ caller, owner, policy, device, challenge, last }: CodeRequest): Prepared {
    const aliveId = last && owner.now < last.codeExpiresAt ? last.codeId : null;
    const codeId = aliveId ?? newId('code');
    const lifeMs =
      last && aliveId !== null ? last.codeExpiresAt.getTime() - owner.now.getTime() : policy.code.ttlSeconds * 1000;
    const payload: CodePayload = {
      kind: 'code',
      to: device.address,
      code: sentCode(this.pepper.key, codeId),
      brand: policy.sms.brand,
      host: policy.sms.host,
      locale: localeOf(owner, caller.language),
      purpose: challenge?.purpose ?? 'enrolment',
      detail: challenge?.detail ?? null,
      minutes: Math.max(1, Math.floor(lifeMs / 60_000)),
    };
    if (device.method === 'sms' && !fitsSms(payload)) throw detailTooLong(policy);
    const deliveryId = newId('delivery');
    const place = deliveryRow(owner.tenantId, device.deviceId, deliveryId);
    return { codeId, deliveryId, payload: this.sealer.seal('delivery', place, JSON.stringify(payload)) };
  }

  private limits({ owner, policy, device }: CodeRequest): SendLimit[] {
    const { method, address, addressMac, verified } = device;
    const quotaKey = device.quotaKey ?? this.keys.ofDevice(owner, policy, method, address).quotaKey;
    const othersOnly = device.source?.othersOnly ?? false;
    return sendLimits(this.finder, owner, policy, { method, address, addressMac, quotaKey, verified, othersOnly });
  }

  private parameter(
    { caller, owner, policy, device, challenge }: CodeRequest,
    { codeId, deliveryId, payload }: Prepared,
    limits: readonly SendLimit[],
  ): object {
    const { deviceId, method, address, addressMac, verified, source } = device;
    return {
      tenant_id: owner.tenantId,
      user_ref: owner.userRef,
      subject_id: challenge?.challengeId ?? device.changeId ?? deviceId,
      device_id: deviceId,
      challenge_id: challenge?.challengeId ?? null,
      code_id: codeId,
      ttl: policy.code.ttlSeconds,
      max_sends: policy.code.maxSends,
      resend_after: policy.code.resendAfterSeconds,
      address_mac: addressMac.toString('base64'),
      limits,
      // An enrolment has one subject, which its own resend delay paces.
      pace_key: verified ? this.keys.ofPace(device, source?.known ?? false).toString('base64') : null,
      per_hour: policy.sending.perDevicePerHour,
      guess_key: verified ? null : this.keys.ofGuesses(owner, method, address).toString('base64'),
      zone: policy.phone.timeZone,
      delivery_id: deliveryId,
      channel: method,
      ...(method === 'sms' ? destinationOf(address) : {}),
      payload: payload.toString('base64'),
      request_id: caller.requestId,
    };
  }
}

/**
 * Refuses what the rows already show, without charging anything.
 * @throws {Problem} `resend_too_soon`, `send_limit_reached`
 */
function assertMaySend({ owner, policy, last }: CodeRequest): void {
  if (last === undefined || last.codeId === null) return;
  if (last.sends >= policy.code.maxSends) {
    throw refusal(policy, 'send_limit_reached', { retryAfter: policy.challenge.ttlSeconds });
  }
  const wait = last.lastSentAt.getTime() + policy.code.resendAfterSeconds * 1000 - owner.now.getTime();
  if (wait > 0) throw refusal(policy, 'resend_too_soon', { retryAfter: Math.ceil(wait / 1000) });
}

function eventsOfSend({ policy, device, challenge }: CodeRequest, { deliveryId }: Prepared): NewEvent[] {
  const { deviceId, method, address } = device;
  const facts = { deviceId, method, ...(challenge ? { challengeId: challenge.challengeId } : {}) };
  const personal = { maskedAddress: maskAddress(address) };
  const limit = method === 'sms' ? policy.phone.smsPerDevicePerDay : policy.email.perDevicePerDay;
  const job = method === 'sms' ? 'deliver-sms' : 'deliver-email';
  return [
    event('code.requested', { deliveryId, ...facts }, { when: 'sent', job, payload: { deliveryId }, personal }),
    event('code.quota_exceeded', { ...facts, limit }, { when: 'quota_exceeded' }),
    event('code.blocked', facts, { when: 'blocked', personal }),
  ];
}

/** What the caller is told: the delivery, or why there is none. */
function outcomeOf(
  { policy, device: { method } }: CodeRequest,
  deliveryId: string,
  row: SendingRow,
): SendAnswer | Problem {
  const limit = policy.phone.smsPerDevicePerDay;
  const resetsAt = row.resetsAt.toISOString();
  const quota: Quota | undefined =
    method === 'sms' ? { limit, used: Math.min(row.quotaUsed ?? 0, limit), resetsAt } : undefined;
  if (row.sent && row.codeExpiresAt) {
    return {
      deliveryId,
      resendAfter: policy.code.resendAfterSeconds,
      expiresAt: row.codeExpiresAt.toISOString(),
      ...(quota ? { quota } : {}),
    };
  }
  const retry = row.retryAfter === null ? {} : { retryAfter: Math.max(1, row.retryAfter) };
  if (row.blockedBy !== null) {
    return method === 'sms'
      ? refusal(policy, 'sms_blocked', retry)
      : refusal(policy, 'rate_limited', {
          ...retry,
          detail: 'Too many codes have been sent by e-mail. Wait and try again.',
        });
  }
  if (row.quotaExceeded && method === 'email') {
    return refusal(policy, 'send_limit_reached', { ...retry, wordsFor: 'email_limit_reached' });
  }
  if (row.quotaExceeded) return refusal(policy, 'sms_quota_exceeded', { ...(quota ? { quota } : {}), ...retry });
  return refusal(policy, 'resend_too_soon', { retryAfter: policy.code.resendAfterSeconds, ...retry });
}

function detailTooLong({ sms }: Policy, pointer = '/detail'): Problem {
  const room = sms.host === null ? '' : ' and the host of the policy';
  return invalidRequest(
    pointer,
    `is too long to be shown whole in a text message beside the brand${room}: two segments hold about 200 plain characters, and about 80 where one is not of the GSM alphabet`,
  );
}
