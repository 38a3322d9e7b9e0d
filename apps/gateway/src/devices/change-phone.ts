import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, type Problem } from '#contracts';
import { mayAnswer } from '#auth-core';
import { Database, deviceSeal, event, Sealer } from '#persistence';
import { AddressKeys } from '../codes/address-keys.js';
import { assertCountryAllowed, maskAddress, toE164 } from '../codes/addresses.js';
import type { SendAnswer } from '../codes/code.schema.js';
import { SendCode } from '../codes/send-code.js';
import type { Caller } from '../http/caller.js';
import { Proofs, proofValues, type TakenProof } from '../proofs/proofs.js';
import { assertUnlocked, refusal, refuseDisabled, refuseMethod } from '../refusals/refusals.js';
import { openAddress, openPending, type DeviceRow } from '../rows/device-row.js';
import { assertClock, effectivePolicy, type PolicyInForce } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import type { ChangePhoneAnswer } from './change-phone.schema.js';
import { changePhone, resendToPending } from './change-phone.sql.js';
import { viewDevice } from './device-view.js';
import { enrolmentSeconds } from './enrolment.js';
import { FindDevices } from './find-devices.js';
import type { FoundDevice } from './find-devices.sql.js';

/** Gives a phone another number. The old one serves until a code that was sent to the new one is entered. */
@Injectable()
export class ChangePhone {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly findDevices: FindDevices,
    private readonly codes: SendCode,
    private readonly keys: AddressKeys,
    private readonly proofs: Proofs,
  ) {}

  async begin(caller: Caller, deviceId: string, phone: string): Promise<ChangePhoneAnswer> {
    const row = await this.findDevices.one(caller, deviceId);
    const policy = effectivePolicy(row);
    assertChangeable(row, policy);
    const address = toE164(phone, policy);
    assertCountryAllowed(address, policy);
    const former = openAddress(this.sealer, row.tenantId, row);
    if (address === former) throw invalidRequest('/phone', 'is already the number of this device');
    const proof = await this.proofs.takeLast(caller, 'change_phone', row, policy, () =>
      this.send(caller, row, policy, address, null),
    );
    return this.send(caller, row, policy, address, proof);
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
    if (!pending) throw refuseOver(row);
    assertUnlocked(policy, row);
    const device = { deviceId, method: 'sms' as const, verified: false, ...pending };
    const done = await this.codes.send({ caller, owner: row, policy, device, last: row }, (values) =>
      this.database.one(resendToPending, { deviceId, ...values, changeId: pendingId }),
    );
    if (!done) throw refuseOver(row);
    return done.sent;
  }

  private async send(
    caller: Caller,
    row: FoundDevice,
    policy: PolicyInForce,
    address: string,
    proof: TakenProof | null,
  ): Promise<ChangePhoneAnswer> {
    const { deviceId } = row;
    const changeId = newId('phoneChange');
    const keys = this.keys.ofDevice(row, policy, 'sms', address);
    const sealed = this.sealer.seal('address', deviceSeal(row.tenantId, deviceId), address);
    const device = { deviceId, method: 'sms' as const, verified: false, address, changeId, ...keys };
    const started = event(
      'device.phone_change_started',
      { deviceId, method: 'sms' },
      { when: 'sent', personal: { maskedAddress: maskAddress(address) } },
    );
    const done = await this.codes.send({ caller, owner: row, policy, device, events: [started] }, (values) =>
      this.database.one(changePhone, {
        deviceId,
        userRef: row.userRef,
        ...proofValues(proof),
        ...values,
        changeId,
        sealed,
        mac: keys.addressMac,
        quotaKey: keys.quotaKey,
        seconds: enrolmentSeconds,
        approvalId: proof?.challengeId ?? null,
      }),
    );
    if (!done) throw await this.proofs.refused(proof, policy, row.applications);
    const { pendingExpiresAt } = done.row;
    const pending = { pendingId: changeId, pendingSealed: sealed, pendingMac: keys.addressMac, pendingExpiresAt };
    return { ...viewDevice(this.sealer, row, policy, { ...row, ...pending }), send: done.sent };
  }
}

/** @throws {Problem} where the device has no number, or none that may be changed now */
function assertChangeable(row: FoundDevice, policy: PolicyInForce): void {
  assertClock(row.now);
  if (row.method !== 'sms') {
    throw refusal(policy, 'method_not_allowed', { detail: 'This device has no phone number.' });
  }
  if (row.status === 'unverified') throw refusal(policy, 'device_not_verified');
  if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
  if (row.status === 'disabled') throw refuseDisabled(policy);
  assertUnlocked(policy, row);
}

/** The number was proved already, given up for another one, or waited too long. */
export function refuseOver(row: UserRow & DeviceRow): Problem {
  const policy = effectivePolicy(row);
  if (row.pendingId === null) return refusal(policy, 'device_already_verified');
  return refusal(policy, 'enrolment_expired', {
    detail: 'The time to verify the new phone number has expired. Change the number again.',
  });
}
