import { Injectable } from '@nestjs/common';
import { invalidRequest, type Policy } from '#contracts';
import { verifyPasskeyAssertion, type PasskeyAssertion, type Verdict } from '#auth-core';
import { Database, Sealer } from '#persistence';
import { isShortSeed } from '../advice/advice.js';
import { Pepper } from '../codes/pepper.js';
import type { AnswerKind } from '../refusals/refusals.js';
import { authenticatorOf, verifyCode } from '../verification/authenticator.js';
import { amrOf } from '../verification/charge.js';
import { relyingParty } from '../verification/passkey.js';
import type { VerifyChallengeBody } from './verify-challenge.schema.js';
import { approve, type AnsweringDevice, type Approval, type Approving } from './verify-by-device.sql.js';

/** An answer that has been looked at, and what charges it. */
export interface Check {
  readonly kind: AnswerKind;
  readonly verdict: Verdict;
  readonly amr: string[];
  readonly shortSeed: boolean;
  /**
   * Uses the answer up and ends the challenge.
   * @param browser to be remembered, as `rememberBrowser` reads it
   * @returns nothing where somebody was first with it
   */
  readonly approve: (approval: Approval, browser: string | null) => Promise<object | undefined>;
}

/** Looks at what a device answered. Whether it counts is for the statement that charges it. */
@Injectable()
export class CheckAnswer {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
  ) {}

  /** @throws {Problem} `invalid_request` where the device gives other answers; nothing is charged */
  async run(row: AnsweringDevice, policy: Policy, { code = '', webauthn }: VerifyChallengeBody): Promise<Check> {
    return webauthn ? this.passkey(row, policy, webauthn) : this.code(row, policy, code);
  }

  private code(row: AnsweringDevice, policy: Policy, code: string): Check {
    if (row.method === 'webauthn') throw invalidRequest('/code', 'cannot be used: this device is a passkey');
    const authenticator = authenticatorOf(this.sealer, row, policy);
    const verdict = verifyCode(authenticator, code, row.now, this.pepper.key);
    return {
      kind: authenticator.kind,
      verdict,
      amr: amrOf(row.method),
      shortSeed: authenticator.kind === 'totp' && isShortSeed(authenticator.secret),
      approve:
        authenticator.kind === 'totp'
          ? this.approving(approve.totp, { step: verdict.result === 'match' ? verdict.step : null })
          : this.approving(approve.sent_code, { codeId: row.codeId }),
    };
  }

  private async passkey(row: AnsweringDevice, policy: Policy, answer: PasskeyAssertion): Promise<Check> {
    const { credentialId, publicKey, signCount, backupEligible } = row;
    if (credentialId === null || publicKey === null || signCount === null || backupEligible === null) {
      throw invalidRequest('/webauthn', 'cannot be used: this device uses codes');
    }
    const party = relyingParty(policy, row.application);
    const stored = { credentialId, publicKey, signCount, backupEligible };
    const verdict = await verifyPasskeyAssertion(party, this.pepper.key, row.challengeId, row.userRef, stored, answer);
    const used = verdict.result === 'match' ? verdict.passkey : null;
    return {
      kind: 'passkey',
      verdict,
      amr: amrOf(row.method, used?.userVerified),
      shortSeed: false,
      approve: this.approving(approve.passkey, {
        signCount: used?.signCount ?? null,
        backedUp: used?.backedUp ?? null,
      }),
    };
  }

  private approving<Spent extends object>({ plain, remembering }: Approving<Spent>, spent: Spent): Check['approve'] {
    return (approval, browser) =>
      browser === null
        ? this.database.one(plain, { ...approval, ...spent })
        : this.database.one(remembering, { ...approval, ...spent, browser });
  }
}
