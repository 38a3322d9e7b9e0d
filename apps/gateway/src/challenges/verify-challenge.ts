import { Injectable } from '@nestjs/common';
import type { Caller } from '../http/caller.js';
import { VerifyByDevice } from './verify-by-device.js';
import { VerifyByRecoveryCode } from './verify-by-recovery-code.js';
import type { VerifyChallengeAnswer, VerifyChallengeBody } from './verify-challenge.schema.js';

/** Checks an answer to a challenge: read, look, charge and settle. Two round trips, one commit. */
@Injectable()
export class VerifyChallenge {
  constructor(
    private readonly byDevice: VerifyByDevice,
    private readonly byRecoveryCode: VerifyByRecoveryCode,
  ) {}

  run(caller: Caller, challengeId: string, body: VerifyChallengeBody): Promise<VerifyChallengeAnswer> {
    const { recoveryCode } = body;
    return recoveryCode === undefined
      ? this.byDevice.run(caller, challengeId, body)
      : this.byRecoveryCode.run(caller, challengeId, recoveryCode);
  }
}
