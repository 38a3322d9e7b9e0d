import { Injectable } from '@nestjs/common';
import { invalidRequest, newId } from '#contracts';
import { MakeRecoveryCodes } from '../codes/make-recovery-codes.js';
import { serves, type Caller } from '../http/caller.js';
import { reaches } from '../proofs/authority.js';
import { Proofs, refuseLimited, type TakenProof } from '../proofs/proofs.js';
import { refusal } from '../refusals/refusals.js';
import { effectivePolicy, type PolicyInForce } from '../rows/user-row.js';
import type { EnrollDeviceAnswer, EnrollDeviceBody } from './enroll-device.schema.js';
import { FindDevices } from './find-devices.js';
import type { DeviceOwner } from './find-devices.sql.js';
import { EnrollByMessage } from './methods/message.js';
import { EnrollPasskey } from './methods/passkey.js';
import { EnrollTotp } from './methods/totp.js';
import { assertFits, assertPerson, replacedOf, savesCodesFirst } from './proved-device.js';

/** Adds a device: `unverified` until a code proves it. SMS and e-mail devices get their first code at once. */
@Injectable()
export class EnrollDevice {
  constructor(
    private readonly findDevices: FindDevices,
    private readonly proofs: Proofs,
    private readonly makeCodes: MakeRecoveryCodes,
    private readonly totp: EnrollTotp,
    private readonly passkey: EnrollPasskey,
    private readonly message: EnrollByMessage,
  ) {}

  async run(caller: Caller, accountId: string, userId: string, body: EnrollDeviceBody): Promise<EnrollDeviceAnswer> {
    const owner = await this.findDevices.owner(caller, accountId, userId);
    const policy = effectivePolicy(owner);
    assertPerson(policy, owner);
    const visible = owner.others.filter((other) => serves(caller, other.applications));
    const replaced = replacedOf(visible, body.replaces);
    assertFits(policy, owner.others, body.method, body.replaces ?? null);
    assertOwn(caller, body.applications);
    const proof = await this.takeProof(caller, owner, policy, body);
    const limits = owner.others.find((other) => other.deviceId === proof?.deviceId)?.applications ?? null;
    const applications = body.applications ?? limits;
    if (!reaches(limits, applications) || (replaced && !reaches(limits, replaced.applications))) {
      throw refuseLimited(policy);
    }
    const asked = applications === null ? body : { ...body, applications: [...applications] };
    const enrolled = await this.begin(caller, owner, policy, asked, proof);
    if (enrolled) return enrolled;
    // Another device has been verified since the user was read: now this one is no longer the first.
    if (savesCodesFirst(owner, policy)) return this.run(caller, accountId, userId, body);
    throw refusal(policy, 'proof_invalid');
  }

  /**
   * Before the first proof there is nothing to protect, not even where wrong codes have disabled an enrolment.
   * @returns null where no proof is needed
   */
  private async takeProof(
    caller: Caller,
    owner: DeviceOwner,
    policy: PolicyInForce,
    body: EnrollDeviceBody,
  ): Promise<TakenProof | null> {
    const beside = owner.enrolledAt !== null && owner.others.some((other) => other.status !== 'unverified');
    if (!beside) return null;
    return this.proofs.takeLast(caller, 'add_device', owner, policy, () =>
      this.begin(caller, owner, policy, body, null),
    );
  }

  /** @returns undefined where the user is no longer as they were read, or the proof no longer allows it */
  private async begin(
    caller: Caller,
    owner: DeviceOwner,
    policy: PolicyInForce,
    body: EnrollDeviceBody,
    proof: TakenProof | null,
  ): Promise<EnrollDeviceAnswer | undefined> {
    const count = savesCodesFirst(owner, policy) ? policy.recoveryCodes.count : 0;
    const recovery = this.makeCodes.run(owner.userRef, count);
    const enrolment = { caller, owner, policy, proof, deviceId: newId('device'), body, recovery };
    switch (body.method) {
      case 'totp':
        return this.totp.run(enrolment);
      case 'webauthn':
        return this.passkey.run(enrolment);
      default:
        return this.message.run(enrolment, body.method);
    }
  }
}

/**
 * A key that names its application speaks for no other one.
 * @throws {Problem} `invalid_request`
 */
function assertOwn({ application }: Caller, applications: readonly string[] | undefined): void {
  if (application === null || applications?.every((each) => each === application) !== false) return;
  throw invalidRequest('/applications', `must be ["${application}"] or left out: this API key names its application`);
}
