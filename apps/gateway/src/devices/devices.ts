import { Injectable } from '@nestjs/common';
import { Problem, type Policy } from '#contracts';
import { isRequired, mayAnswer, standAlone } from '#auth-core';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { z } from 'zod';
import { SendCode, type SendAnswer } from '../codes/send-code.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { line } from '../http/schemas.js';
import { Proofs, type TakenProof } from '../proofs/proofs.js';
import { openAddress } from '../rows/device-row.js';
import { assertClock, effectivePolicy, UserContext } from '../rows/user-row.js';
import { refuseLocked, refuseMethod } from '../verification/refuse-code.js';
import { ChangePhone } from './change-phone.js';
import { viewDevice, type DeviceAnswer } from './device-view.js';
import { changeDevice, removeDevice, resendCode } from './devices.sql.js';
import { FindDevices } from './find-devices.js';
import type { FoundDevice } from './find-devices.sql.js';

export const changeDeviceBody = z.strictObject({
  name: line(100).optional(),
  isDefault: z
    .literal(true)
    .optional()
    .meta({ description: 'Makes this the default device, which is offered first at login' }),
});
export type ChangeDevice = z.infer<typeof changeDeviceBody>;

/** A user's devices: shown, renamed, removed, and given another verification code. */
@Injectable()
export class Devices {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly found: FindDevices,
    private readonly codes: SendCode,
    private readonly proofs: Proofs,
    private readonly phones: ChangePhone,
  ) {}

  async list(caller: Caller, accountId: string, userId: string): Promise<DeviceAnswer[]> {
    const rows = await this.found.ofUser(caller, accountId, userId);
    // No devices and no such user look alike to the first query.
    if (rows.length === 0) await this.users.find(caller, accountId, userId);
    return rows.map((row) => viewDevice(this.sealer, row, effectivePolicy(row), row));
  }

  async get(caller: Caller, deviceId: string): Promise<DeviceAnswer> {
    const row = await this.found.one(caller, deviceId);
    return viewDevice(this.sealer, row, effectivePolicy(row), row);
  }

  async change(caller: Caller, deviceId: string, body: ChangeDevice): Promise<DeviceAnswer> {
    const row = await this.found.one(caller, deviceId);
    const policy = effectivePolicy(row);
    if (body.isDefault && row.status !== 'verified') throw refusal(policy, 'device_not_verified');
    const { method, name: oldName } = row;
    const renamed = event('device.renamed', { deviceId, method }, { personal: { deviceName: body.name ?? oldName } });
    const events = eventsParameter(this.users.events(caller, row), [renamed]);
    const values = {
      deviceId,
      name: body.name ?? null,
      userRef: row.userRef,
      isDefault: body.isDefault ?? false,
      events,
    };
    if (!(await this.database.one(changeDevice, values))) throw new Problem('not_found');
    const change = { name: body.name ?? oldName, isDefault: row.isDefault || body.isDefault === true };
    return viewDevice(this.sealer, row, policy, { ...row, ...change });
  }

  /**
   * Ends the device's access at once, in open challenges too.
   * @param again how often it may begin again, where the user has changed since the statement began
   */
  async remove(caller: Caller, deviceId: string, again = 4): Promise<void> {
    const row = await this.found.one(caller, deviceId);
    const policy = effectivePolicy(row);
    // Who is asked at each login because the company requires it is protected alike.
    const asked = row.twoFactorSince !== null || (row.enrolledAt !== null && isRequired(policy.twoFactor, row.now));
    const needsProof = policy.proofRequired.removeDevice && row.status !== 'unverified' && asked;
    const proof = needsProof
      ? await this.proofs.takeLast(caller, 'remove_device', row, policy, () => this.end(caller, row, policy, null))
      : null;
    const done = await this.end(caller, row, policy, proof);
    if (done.again) {
      if (again === 0) throw new Problem('unavailable');
      return this.remove(caller, deviceId, again - 1);
    }
    if (!done.removed) throw await this.proofs.refused(proof, policy, row.applications);
  }

  /** @throws {Problem} `last_device`, `not_found` */
  private async end(
    caller: Caller,
    row: FoundDevice,
    policy: Policy,
    proof: TakenProof | null,
  ): Promise<{ readonly again: boolean; readonly removed: boolean }> {
    const { deviceId } = row;
    const { method, name } = row;
    const reason = row.status === 'unverified' ? 'enrolment_canceled' : 'requested';
    const removed = event('device.removed', { deviceId, method, reason }, { personal: { deviceName: name } });
    const browsers = event('trusted_browser.revoked', { reason: 'device_removed' }, { when: 'browsers' });
    const events = eventsParameter(this.users.events(caller, row), [removed, browsers]);
    const values = {
      deviceId,
      userRef: row.userRef,
      proofId: proof?.id ?? null,
      grounds: proof?.grounds ?? null,
      events,
      allowed: policy.methods.allowed,
      alone: standAlone(policy.methods),
    };
    const result = await this.database.one(removeDevice, values);
    if (!result) throw new Problem('not_found', { detail: 'There is no such device.' });
    if (result.last) throw refusal(policy, 'last_device');
    if (result.lastAlone) {
      throw refusal(policy, 'last_device', {
        detail:
          'The policy does not allow the remaining devices, or not as the only ones. Add a device with another method first.',
        wordsFor: 'not_alone',
      });
    }
    return result;
  }

  /** Sends the verification code again; while it is alive, the same one. */
  async resend(caller: Caller, deviceId: string): Promise<SendAnswer> {
    const row = await this.found.one(caller, deviceId);
    assertClock(row.now);
    const policy = effectivePolicy(row);
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    const sent = await this.phones.resend(caller, row);
    if (sent) return sent;
    const address = openAddress(this.sealer, row.tenantId, row);
    if ((row.method !== 'sms' && row.method !== 'email') || address === null || row.addressMac === null) {
      throw refusal(policy, 'method_not_allowed', {
        detail: 'This device generates its own codes. No code can be sent to it.',
      });
    }
    if (row.status !== 'unverified') throw refusal(policy, 'device_already_verified');
    if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const { method, addressMac, quotaKey } = row;
    const last =
      row.codeId === null
        ? null
        : { id: row.codeId, sends: row.sends, lastSentAt: row.lastSentAt, expiresAt: row.codeExpiresAt };
    this.codes.assertMaySend(last, policy, row.now);
    const device = { deviceId, method, verified: false, address, addressMac, quotaKey };
    const prepared = this.codes.prepare(row, device, policy, null, last, caller);
    const events = eventsParameter(this.users.events(caller, row), prepared.events);
    const sending = await this.database.one(resendCode, { deviceId, send: prepared.parameter, events });
    if (!sending) throw refusal(policy, 'enrolment_expired');
    const outcome = this.codes.outcome(prepared, sending);
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }
}
