import { Injectable } from '@nestjs/common';
import { invalidRequest, type Policy } from '#contracts';
import { recoveryCodeMayApprove } from '#auth-core';
import { Database, event, eventsParameter } from '#persistence';
import { adviceFor } from '../advice/advice.js';
import { Pepper } from '../codes/pepper.js';
import { eventsOf, ownChallenge, type Caller } from '../http/caller.js';
import { Proofs } from '../proofs/proofs.js';
import { assertPending, refusal, refuseCode } from '../refusals/refusals.js';
import { policyNow } from '../rows/user-row.js';
import { amrOf, challengeFacts } from '../verification/charge.js';
import type { VerifyChallengeAnswer } from './verify-challenge.schema.js';
import { chargeByRecoveryCode, readRecovery, type RecoveryRead } from './verify-by-recovery-code.sql.js';

/** Checks a recovery code against a challenge, and uses it up. */
@Injectable()
export class VerifyByRecoveryCode {
  constructor(
    private readonly database: Database,
    private readonly pepper: Pepper,
    private readonly proofs: Proofs,
  ) {}

  async run(caller: Caller, challengeId: string, input: string): Promise<VerifyChallengeAnswer> {
    const row = await this.read(caller, challengeId);
    const policy = policyNow(row);
    assertPending(policy, row);
    assertUsable(row, policy);
    const { userRef, accountId, userId, macs } = row;
    const verdict = this.pepper.verifyRecoveryCode(userRef, macs ?? [], input, row.now);
    const challenge = challengeFacts(challengeId, row.purpose, row.application);
    const facts = { ...challenge, method: 'recovery_code' as const };
    const amr = amrOf('recovery_code');
    const charged = await this.database.one(chargeByRecoveryCode, {
      challengeId,
      userRef,
      right: verdict.result === 'match',
      mac: verdict.result === 'match' ? verdict.mac : null,
      events: eventsParameter({ ...eventsOf(caller), accountId, userId, userRef }, [
        event('challenge.approved', { ...facts, amr }, { when: 'approved' }),
        event('recovery_code.used', { challengeId }, { when: 'approved' }),
        event('challenge.rejected', facts, { when: 'rejected', job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', challenge, { when: 'exhausted' }),
      ]),
    });
    if (!charged) {
      assertPending(policy, await this.read(caller, challengeId));
      throw refusal(policy, 'challenge_not_pending');
    }
    if (!charged.ok) {
      throw refuseCode(policy, 'recovery_codes', 'wrong', { attemptsLeft: row.maxChecks - charged.checks });
    }
    const left = charged.codesLeft;
    const known = { ...row, codesInForce: row.codesInForce && { ...row.codesInForce, left } };
    return {
      status: 'approved',
      proof: this.proofs.prove(row, { deviceId: null, amr }),
      recoveryCodesLeft: left,
      advice: adviceFor(known, policy, caller.language),
    };
  }

  private async read(caller: Caller, challengeId: string): Promise<RecoveryRead> {
    const { tenantId } = caller;
    return ownChallenge(caller, await this.database.one(readRecovery, { challengeId, tenantId }));
  }
}

/** @throws {Problem} `method_not_allowed`, `invalid_request` */
function assertUsable(row: RecoveryRead, policy: Policy): void {
  if (!recoveryCodeMayApprove(row.purpose)) {
    throw refusal(policy, 'method_not_allowed', {
      detail: `A recovery code cannot approve "${row.purpose}". Use one of your devices.`,
    });
  }
  if (!row.hasCodes) throw invalidRequest('/recoveryCode', 'cannot be checked: the user has no recovery codes');
  if (policy.recoveryCodes.count === 0) {
    throw refusal(policy, 'method_not_allowed', {
      detail: 'The policy no longer allows recovery codes. Use one of your devices.',
    });
  }
}
