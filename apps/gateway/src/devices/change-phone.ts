import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem, type Policy } from '#contracts';
import { lockSchedule, mayAnswer } from '#auth-core';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { z } from 'zod';
import { assertCountryAllowed, maskAddress, phoneInput, toE164 } from '../codes/addresses.js';
import { Pepper } from '../codes/pepper.js';
import { sendAnswer, SendCode, type SendAnswer } from '../codes/send-code.js';
import { SmsNotices } from '../codes/sms-notice.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { Proofs, type TakenProof } from '../proofs/proofs.js';
import { deviceSeal, openAddress, openPending, type DeviceRow } from '../rows/device-row.js';
import { assertClock, effectivePolicy, localeOf, UserContext } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { AddressGuesses } from '../verification/address-guesses.js';
import { authenticatorOf, verifyCode, type CheckedDevice } from '../verification/authenticator.js';
import { chargeOf } from '../verification/charge.js';
import { refuseCounted, refuseDisabled, refuseLocked, refuseMethod } from '../verification/refuse-code.js';
import { changePhone, chargeChange, resendToPending } from './change-phone.sql.js';
import { deviceAnswer, viewDevice, type DeviceAnswer } from './device-view.js';
import { enrolmentSeconds } from './enroll-device.js';
import { FindDevices } from './find-devices.js';
import type { FoundDevice } from './find-devices.sql.js';

export const changePhoneBody = z.strictObject({ phone: phoneInput });

export const changePhoneAnswer = deviceAnswer
  .extend({
    send: sendAnswer.meta({ description: 'The code, which is being sent to the new number' }),
  })
  .meta({ id: 'DeviceWithNewPhone' });

/** Gives a phone another number. The old one serves until a code that was sent to the new one is entered. */
@Injectable()
export class ChangePhone {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly found: FindDevices,
    private readonly codes: SendCode,
    private readonly proofs: Proofs,
    private readonly notices: SmsNotices,
    private readonly guesses: AddressGuesses,
  ) {}

  async change(caller: Caller, deviceId: string, phone: string): Promise<DeviceAnswer & { send: SendAnswer }> {
    const row = await this.found.one(caller, deviceId);
    assertClock(row.now);
    const policy = effectivePolicy(row);
    if (row.method !== 'sms') {
      throw refusal(policy, 'method_not_allowed', { detail: 'This device has no phone number.' });
    }
    if (row.status === 'unverified') throw refusal(policy, 'device_not_verified');
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    if (row.status === 'disabled') throw refuseDisabled(policy);
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const address = toE164(phone, policy);
    assertCountryAllowed(address, policy);
    const former = openAddress(this.sealer, row.tenantId, row);
    if (address === former) throw invalidRequest('/phone', 'is already the number of this device');
    const proof = await this.proofs.takeLast(caller, 'change_phone', row, policy, () =>
      this.begin(caller, row, policy, address, null),
    );
    return this.begin(caller, row, policy, address, proof);
  }

  private async begin(
    caller: Caller,
    row: FoundDevice,
    policy: Policy,
    address: string,
    proof: TakenProof | null,
  ): Promise<DeviceAnswer & { send: SendAnswer }> {
    const { deviceId } = row;
    const changeId = newId('phoneChange');
    const macs = this.codes.addressMacs(row, policy, 'sms', address);
    const pendingSealed = this.sealer.seal('address', deviceSeal(row.tenantId, deviceId), address);
    const target = { deviceId, method: 'sms' as const, verified: false, address, changeId, ...macs };
    const prepared = this.codes.prepare(row, target, policy, null, null, caller);
    const changed = await this.database.one(changePhone, {
      deviceId,
      userRef: row.userRef,
      proofId: proof?.id ?? null,
      grounds: proof?.grounds ?? null,
      send: prepared.parameter,
      events: eventsParameter(this.users.events(caller, row), prepared.events),
      changeId,
      sealed: pendingSealed,
      mac: macs.addressMac,
      quotaKey: macs.quotaKey,
      seconds: enrolmentSeconds,
      approvalId: proof?.challengeId ?? null,
    });
    if (!changed) throw await this.proofs.refused(proof, policy, row.applications);
    const send = this.codes.outcome(prepared, changed);
    if (send instanceof Problem) throw send;
    const { pendingExpiresAt } = changed;
    const pending = { pendingId: changeId, pendingSealed, pendingMac: macs.addressMac, pendingExpiresAt };
    return { ...viewDevice(this.sealer, row, policy, { ...row, ...pending }), send };
  }

  /**
   * Sends the code to the new number again; while it is alive, the same one.
   * @returns undefined where no number waits to be proved
   */
  async resend(caller: Caller, row: FoundDevice): Promise<SendAnswer | undefined> {
    const { deviceId, pendingId } = row;
    if (row.status !== 'verified' || pendingId === null) return undefined;
    const policy = effectivePolicy(row);
    const pending = openPending(this.sealer, row.tenantId, row, row.now);
    if (!pending) throw changeExpired(row);
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const { codeId, sends, lastSentAt, codeExpiresAt } = row;
    const last = codeId === null ? null : { id: codeId, sends, lastSentAt, expiresAt: codeExpiresAt };
    this.codes.assertMaySend(last, policy, row.now);
    const target = { deviceId, method: 'sms' as const, verified: false, ...pending };
    const prepared = this.codes.prepare(row, target, policy, null, last, caller);
    const events = eventsParameter(this.users.events(caller, row), prepared.events);
    const values = { deviceId, send: prepared.parameter, events, changeId: pendingId };
    const sending = await this.database.one(resendToPending, values);
    if (!sending) throw changeExpired(row);
    const outcome = this.codes.outcome(prepared, sending);
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }

  /** Proves the new number, which then takes the place of the old one. Wrong codes are charged to the device. */
  async prove(caller: Caller, row: UserRow & DeviceRow & CheckedDevice, input: string): Promise<DeviceAnswer> {
    assertClock(row.now);
    const policy = effectivePolicy(row);
    const { deviceId, method } = row;
    const pending = openPending(this.sealer, row.tenantId, row, row.now);
    if (!pending) throw changeExpired(row);
    if (!mayAnswer(policy.methods, method, row.provedMethods)) throw refuseMethod(policy);
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const authenticator = authenticatorOf(this.sealer, row.tenantId, row, policy);
    const verdict = verifyCode(authenticator, input, row.now, this.pepper.key);
    const charge = chargeOf(verdict);
    const former = openAddress(this.sealer, row.tenantId, row);
    const guessKey = this.codes.guessKey(row, 'sms', pending.address);
    const events = [
      event(
        'device.phone_changed',
        { deviceId, method },
        {
          when: 'changed',
          personal: {
            deviceName: row.name,
            maskedAddress: maskAddress(pending.address),
            ...(former === null ? {} : { formerMaskedAddress: maskAddress(former) }),
          },
        },
      ),
      event(
        'lockout.started',
        { lockoutId: charge.lockoutId, subject: 'device', deviceId },
        { when: 'locked', job: 'announce-lockout' },
      ),
      event('device.disabled', { deviceId, method }, { when: 'disabled' }),
      event('trusted_browser.revoked', { reason: 'phone_changed' }, { when: 'browsers' }),
    ];
    const charged = await this.database.one(chargeChange, {
      deviceId,
      userRef: row.userRef,
      right: charge.match,
      codeId: row.codeId,
      schedule: lockSchedule(policy.lockout),
      lockoutId: charge.lockoutId,
      tenantId: row.tenantId,
      events: eventsParameter(this.users.events(caller, row), events),
      changeId: pending.changeId,
      notices: this.notices.parameter(
        { ...row, locale: localeOf(row, caller.language) },
        caller,
        policy,
        'phone_changed',
        former === null ? [] : [{ deviceId, number: former }],
      ),
      methods: JSON.stringify(policy.methods.allowed),
      guessKey,
      answered: this.codes.answeredKeys(row, policy, 'sms', pending.address),
    });
    const now = await this.found.one(caller, deviceId);
    // Nothing was charged, so nothing may be said of the code: only what has changed meanwhile.
    if (!charged) {
      if (now.status === 'disabled') throw refuseDisabled(policy);
      if (openPending(this.sealer, now.tenantId, now, now.now)?.changeId !== pending.changeId) throw changeExpired(now);
      if (now.lockedUntil && now.now < now.lockedUntil) throw refuseLocked(policy, now.lockedUntil, now.now);
      await this.guesses.assertOpen(guessKey, policy);
      throw refusal(policy, 'locked', { retryAfter: 1 });
    }
    if (!charged.ok) {
      const result = verdict.result === 'match' ? 'replayed' : verdict.result;
      throw refuseCounted(policy, authenticator.kind, result, charged, row.now);
    }
    return viewDevice(this.sealer, now, policy, now);
  }
}

/** The number was proved already, given up for another one, or waited too long. */
function changeExpired(row: UserRow & DeviceRow): Problem {
  const policy = effectivePolicy(row);
  if (row.pendingId === null) return refusal(policy, 'device_already_verified');
  return refusal(policy, 'enrolment_expired', {
    detail: 'The time to verify the new phone number has expired. Change the number again.',
  });
}
