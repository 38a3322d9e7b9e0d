import { Injectable } from '@nestjs/common';
import { passkeyCreationOptions } from '#auth-core';
import { Sealer } from '#persistence';
import { Pepper } from '../../codes/pepper.js';
import { UserContext } from '../../rows/user-row.js';
import { creationOptions, relyingParty } from '../../verification/passkey.js';
import type { EnrollDeviceAnswer } from '../enroll-device.schema.js';
import { enrolmentSeconds, shownCodes, viewNew, type Enrolment } from '../enrolment.js';
import { BeginEnrolment } from './begin-enrolment.js';

/** Passkeys: the browser gets options, and its answer comes with the verification. */
@Injectable()
export class EnrollPasskey {
  constructor(
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly begin: BeginEnrolment,
  ) {}

  async run(enrolment: Enrolment): Promise<EnrollDeviceAnswer | undefined> {
    const { caller, owner, policy, deviceId, recovery } = enrolment;
    const enrolled = await this.begin.run(enrolment);
    if (!enrolled) return undefined;
    const { displayName, email } = this.users.profile(owner);
    const name = email ?? displayName ?? owner.userId;
    const webauthn = passkeyCreationOptions(relyingParty(policy, caller.application), this.pepper.key, {
      deviceId,
      userRef: owner.userRef,
      name,
      displayName: displayName ?? name,
      others: owner.others.flatMap(({ passkey }) => passkey ?? []),
      seconds: enrolmentSeconds,
    });
    return {
      ...viewNew(this.sealer, enrolment, enrolled),
      webauthn: creationOptions.parse(webauthn),
      ...shownCodes(recovery),
    };
  }
}
