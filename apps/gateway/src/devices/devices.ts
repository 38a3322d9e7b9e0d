import { Injectable } from '@nestjs/common';
import { Problem, type Policy } from '#contracts';
import { isRequired, mayAnswer, standAlone } from '#auth-core';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import type { SendAnswer } from '../codes/code.schema.js';
import { messageDevice } from '../codes/message-device.js';
import { SendCode } from '../codes/send-code.js';
import type { Caller } from '../http/caller.js';
import { Proofs, proofValues, type TakenProof } from '../proofs/proofs.js';
import { assertUnlocked, noSuch, refusal, refuseMethod } from '../refusals/refusals.js';
import { effectivePolicy, policyNow, UserContext } from '../rows/user-row.js';
import { ChangePhone } from './change-phone.js';
import { viewDevice } from './device-view.js';
import type { DeviceAnswer } from './device.schema.js';
import type { ChangeDeviceBody } from './devices.schema.js';
import { changeDevice, removeDevice, resendCode } from './devices.sql.js';
import { FindDevices } from './find-devices.js';
import type { FoundDevice } from './find-devices.sql.js';

/** A user's devices: shown, renamed, removed, and given another verification code. */
@Injectable()
export class Devices {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly findDevices: FindDevices,
    private readonly codes: SendCode,
    private readonly proofs: Proofs,
    private readonly changePhone: ChangePhone,
  ) {}

  async list(caller: Caller, accountId: string, userId: string): Promise<DeviceAnswer[]> {
    const rows = await this.findDevices.ofUser(caller, accountId, userId);
    // No devices and no such user look alike to the first query.
    if (rows.length === 0) await this.users.find(caller, accountId, userId);
    return rows.map((row) => viewDevice(this.sealer, row, effectivePolicy(row), row));
  }

  async get(caller: Caller, deviceId: string): Promise<DeviceAnswer> {
    const row = await this.findDevices.one(caller, deviceId);
    return viewDevice(this.sealer, row, effectivePolicy(row), row);
  }

  async change(caller: Caller, deviceId: string, body: ChangeDeviceBody): Promise<DeviceAnswer> {
    const row = await this.findDevices.one(caller, deviceId);
    const policy = effectivePolicy(row);
    if (body.isDefault && row.status !== 'verified') throw refusal(policy, 'device_not_verified');
    const { method, name: oldName } = row;
    const names = { deviceName: body.name ?? oldName, formerDeviceName: oldName };
    const events = eventsParameter(this.users.events(caller, row), [
      event('device.renamed', { deviceId, method }, { when: 'renamed', personal: names }),
      event('device.made_default', { deviceId, method }, { when: 'default' }),
    ]);
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
    const row = await this.findDevices.one(caller, deviceId);
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
    const others = event('device.enrolments_ended', { reason: 'last_device_removed' }, { when: 'others' });
    const events = eventsParameter(this.users.events(caller, row), [removed, browsers, others]);
    const values = {
      deviceId,
      userRef: row.userRef,
      ...proofValues(proof),
      events,
      allowed: policy.methods.allowed,
      alone: standAlone(policy.methods),
    };
    const result = await this.database.one(removeDevice, values);
    if (!result) throw noSuch('device');
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
    const row = await this.findDevices.one(caller, deviceId);
    const policy = policyNow(row);
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    const sent = await this.changePhone.resend(caller, row);
    if (sent) return sent;
    const device = messageDevice(this.sealer, row, policy);
    if (row.status !== 'unverified') throw refusal(policy, 'device_already_verified');
    if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
    assertUnlocked(policy, row);
    const request = { caller, owner: row, policy, device: { ...device, verified: false }, last: row };
    const done = await this.codes.send(request, (values) => this.database.one(resendCode, { deviceId, ...values }));
    if (!done) throw refusal(policy, 'enrolment_expired');
    return done.sent;
  }
}
