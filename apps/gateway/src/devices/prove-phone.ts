import { Injectable } from '@nestjs/common';
import { lockSchedule, mayAnswer } from '#auth-core';
import { Database, event, eventsParameter, Sealer, type NewEvent } from '#persistence';
import { AddressKeys } from '../codes/address-keys.js';
import { maskAddress } from '../codes/addresses.js';
import { Pepper } from '../codes/pepper.js';
import { SmsNotices } from '../codes/sms-notice.js';
import type { Caller } from '../http/caller.js';
import { assertUnlocked, refusal, refuseCounted, refuseDisabled, refuseMethod } from '../refusals/refusals.js';
import { openAddress, openPending, type DeviceRow } from '../rows/device-row.js';
import { effectivePolicy, policyNow, UserContext } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { AddressGuesses } from '../verification/address-guesses.js';
import { authenticatorOf, verifyCode, type CheckedDevice } from '../verification/authenticator.js';
import { chargeOf, lockoutEvents } from '../verification/charge.js';
import { refuseOver } from './change-phone.js';
import { chargeChange } from './change-phone.sql.js';
import { viewDevice } from './device-view.js';
import type { DeviceAnswer } from './device.schema.js';
import { FindDevices } from './find-devices.js';

type PhoneRow = UserRow & DeviceRow & CheckedDevice;
type PendingNumber = NonNullable<ReturnType<typeof openPending>>;

/** Proves a phone's new number, which then takes the place of the old one. Wrong codes are charged to the device. */
@Injectable()
export class ProvePhone {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly findDevices: FindDevices,
    private readonly keys: AddressKeys,
    private readonly notices: SmsNotices,
    private readonly guesses: AddressGuesses,
  ) {}

  async run(caller: Caller, row: PhoneRow, code: string): Promise<DeviceAnswer> {
    const policy = policyNow(row);
    const { deviceId } = row;
    const pending = openPending(this.sealer, row.tenantId, row, row.now);
    if (!pending) throw refuseOver(row);
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    assertUnlocked(policy, row);
    const authenticator = authenticatorOf(this.sealer, row, policy);
    const verdict = verifyCode(authenticator, code, row.now, this.pepper);
    const { lockoutId, match } = chargeOf(verdict);
    const former = openAddress(this.sealer, row.tenantId, row);
    const guessKey = this.keys.ofGuesses(row, 'sms', pending.address);
    const charged = await this.database.one(chargeChange, {
      deviceId,
      userRef: row.userRef,
      right: match,
      codeId: row.codeId,
      schedule: lockSchedule(policy.lockout),
      lockoutId,
      tenantId: row.tenantId,
      events: eventsParameter(this.users.events(caller, row), [
        changed(row, pending.address, former),
        event('device.verification_failed', { deviceId, method: row.method }, { when: 'rejected' }),
        ...lockoutEvents(row, lockoutId),
        event('trusted_browser.revoked', { reason: 'phone_changed' }, { when: 'browsers' }),
      ]),
      changeId: pending.changeId,
      notices: this.notices.parameter(
        row,
        caller,
        policy,
        'phone_changed',
        former === null ? [] : [{ deviceId, number: former }],
      ),
      methods: JSON.stringify(policy.methods.allowed),
      guessKey,
      answered: this.keys.ofAnswered(row, policy, 'sms', pending.address),
    });
    if (!charged) return this.explain(caller, deviceId, pending, guessKey);
    if (!charged.ok) throw refuseCounted(policy, authenticator.kind, verdict, charged, row.now);
    const now = await this.findDevices.one(caller, deviceId);
    return viewDevice(this.sealer, now, policy, now);
  }

  /** Nothing was charged, so nothing may be said of the code: only what has changed meanwhile. */
  private async explain(caller: Caller, deviceId: string, pending: PendingNumber, guessKey: Buffer): Promise<never> {
    const now = await this.findDevices.one(caller, deviceId);
    const policy = effectivePolicy(now);
    if (now.status === 'disabled') throw refuseDisabled(policy);
    if (openPending(this.sealer, now.tenantId, now, now.now)?.changeId !== pending.changeId) throw refuseOver(now);
    assertUnlocked(policy, now);
    await this.guesses.assertOpen(guessKey, policy);
    throw refusal(policy, 'locked', { retryAfter: 1 });
  }
}

function changed({ deviceId, method, name }: PhoneRow, address: string, former: string | null): NewEvent {
  const masked = former === null ? {} : { formerMaskedAddress: maskAddress(former) };
  const personal = { deviceName: name, maskedAddress: maskAddress(address), ...masked };
  return event('device.phone_changed', { deviceId, method }, { when: 'changed', personal });
}
