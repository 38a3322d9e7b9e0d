import { Injectable } from '@nestjs/common';
import {
  deliveryRow,
  invalidRequest,
  newId,
  type DeliveryPayload,
  type Policy,
  type Problem,
  type Quota,
} from '#contracts';
import { sentCode } from '#auth-core';
import { fitsSms } from '#delivery';
import { event, Finder, Sealer, type NewEvent } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { id, time } from '../http/schemas.js';
import { localeOf, openProfile } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { countedAddress, maskAddress } from './addresses.js';
import { Pepper } from './pepper.js';
import type { SendingRow } from './send-code.sql.js';
import { answeredKeys, sendLimits } from './sending-limits.js';

export const quotaAnswer = z.object({ limit: z.int(), used: z.int(), resetsAt: time }).meta({ id: 'Quota' });

export const sendAnswer = z
  .object({
    deliveryId: id('dlv'),
    resendAfter: z.int().meta({ description: 'Seconds until the code can be resent' }),
    expiresAt: time.meta({ description: 'When the code expires' }),
    quota: quotaAnswer.optional().meta({ description: "This device's SMS quota for today" }),
  })
  .meta({ id: 'SentCode' });
export type SendAnswer = z.infer<typeof sendAnswer>;

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

interface PacedDevice {
  readonly deviceId: string;
  readonly addressMac: Buffer | null;
}

/** Prepares the sending of codes and reads what came of it. */
@Injectable()
export class SendCode {
  constructor(
    private readonly sealer: Sealer,
    private readonly finder: Finder,
    private readonly pepper: Pepper,
  ) {}

  /** What a device's address is found and counted by. */
  addressMacs(
    row: Pick<UserRow, 'tenantId' | 'accountRef' | 'userRef'>,
    policy: Policy,
    method: 'sms' | 'email',
    address: string,
  ) {
    // One quota for a number that others on the account may use without a code of their own.
    const shared = method === 'sms' && policy.phone.reuseVerifiedOnAccount;
    const counted = countedAddress(address);
    return {
      addressMac: this.finder.mac('address', row.tenantId, method, counted),
      quotaKey: this.finder.mac('send-quota', shared ? row.accountRef : row.userRef, method, counted),
    };
  }

  /** What a device's codes are paced by: those for places that the user is known from, and those for others. */
  paceKeys(device: PacedDevice): Buffer[] {
    return [true, false].map((known) => this.paceKey(device, known));
  }

  /** By its address, too: another number begins anew. */
  private paceKey({ deviceId, addressMac }: PacedDevice, known: boolean): Buffer {
    return this.finder.mac('send-pace', deviceId, addressMac?.toString('base64') ?? '', known ? 'known' : '');
  }

  /**
   * Under which wrong codes for an address are counted while it is unproven. One that the panel told of its user has a
   * count of its own, so that nobody else's guesses stand in the owner's way.
   */
  guessKey(
    row: Pick<UserRow, 'tenantId' | 'userRef' | 'profileSealed'>,
    method: 'sms' | 'email',
    address: string,
  ): Buffer {
    const { phone, email } = openProfile(this.sealer, row);
    const told = method === 'sms' ? phone : email;
    const counted = countedAddress(address);
    const own = told !== null && countedAddress(told) === counted;
    return this.finder.mac('address-guess', row.tenantId, method, counted, own ? row.userRef : '');
  }

  /** The windows in which a code that was entered for an unproven address counts as answered. */
  answeredKeys(row: UserRow, policy: Policy, method: 'sms' | 'email', address: string): Buffer[] {
    return answeredKeys(this.finder, row, policy, method, address);
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
    const payload: CodePayload = {
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
    if (device.method === 'sms' && !fitsSms(payload)) throw detailTooLong(policy);
    const { method, address, addressMac, verified } = device;
    const quotaKey = device.quotaKey ?? this.addressMacs(row, policy, method, address).quotaKey;
    const { known, othersOnly } = device.source ?? { known: false, othersOnly: false };
    const limits = sendLimits(this.finder, row, policy, {
      method,
      address,
      addressMac,
      quotaKey,
      verified,
      othersOnly,
    });
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
      address_mac: addressMac.toString('base64'),
      limits,
      // An enrolment has one subject, which its own resend delay paces.
      pace_key: verified ? this.paceKey(device, known).toString('base64') : null,
      per_hour: policy.sending.perDevicePerHour,
      guess_key: verified ? null : this.guessKey(row, method, address).toString('base64'),
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
      event('code.quota_exceeded', { ...facts, limit: perDay(policy, method) }, { when: 'quota_exceeded' }),
      event('code.blocked', facts, { when: 'blocked', personal: { maskedAddress: maskAddress(address) } }),
    ];
    return { parameter, events, deliveryId, policy, method: device.method };
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
  ): void {
    const { brand, host } = policy.sms;
    const minutes = Math.max(1, Math.floor(policy.code.ttlSeconds / 60));
    const locale = localeOf(row, caller.language);
    const payload = { kind: 'code', to: '', code: '000000', brand, host, locale, minutes, ...subject } as const;
    if (!fitsSms(payload)) throw detailTooLong(policy);
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
    const retry = row.retryAfter === null ? {} : { retryAfter: Math.max(1, row.retryAfter) };
    if (row.blockedBy !== null) {
      return prepared.method === 'sms'
        ? refusal(policy, 'sms_blocked', retry)
        : refusal(policy, 'rate_limited', {
            ...retry,
            detail: 'Too many codes have been sent by e-mail. Wait and try again.',
          });
    }
    if (row.quotaExceeded && prepared.method === 'email') {
      return refusal(policy, 'send_limit_reached', {
        ...retry,
        detail: "Today's limit of e-mail codes has been reached. Use another device, or try again tomorrow.",
        wordsFor: 'email_limit_reached',
      });
    }
    if (row.quotaExceeded) return refusal(policy, 'sms_quota_exceeded', { ...(quota ? { quota } : {}), ...retry });
    return refusal(policy, 'resend_too_soon', { retryAfter: policy.code.resendAfterSeconds, ...retry });
  }
}

function detailTooLong({ sms }: Policy): Problem {
  const room = sms.host === null ? '' : ' and the host of the policy';
  return invalidRequest(
    '/detail',
    `is too long to be shown whole in a text message beside the brand${room}: two segments hold about 200 plain characters, and about 80 where one is not of the GSM alphabet`,
  );
}

function perDay(policy: Policy, method: 'sms' | 'email'): number {
  return method === 'sms' ? policy.phone.smsPerDevicePerDay : policy.email.perDevicePerDay;
}
