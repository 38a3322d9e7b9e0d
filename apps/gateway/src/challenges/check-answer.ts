import { Injectable } from '@nestjs/common';
import { invalidRequest, type Policy } from '#contracts';
import { verifyPasskeyAssertion, type PasskeyAssertion, type Verdict } from '#auth-core';
import { Batch, Database, Sealer } from '#persistence';
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

/** Approvals of one kind: what comes at the same moment goes together, but for what also remembers a browser. */
class Approvals<Spent extends object> {
  private readonly plain: Batch<object, Approval & Spent>;

  constructor(
    private readonly database: Database,
    private readonly how: Approving<Spent>,
  ) {
    this.plain = new Batch(database, how.plain);
  }

  async run(approval: Approval & Spent, browser: string | null): Promise<object | undefined> {
    if (browser === null) return (await this.plain.ask(approval))[0];
    return this.database.one(this.how.remembering, { ...approval, browser });
  }
}

/** Looks at what a device answered. Whether it counts is for the statement that charges it. */
@Injectable()
export class CheckAnswer {
  private readonly totp: Approvals<{ step: number | null }>;
  private readonly sentCode: Approvals<{ code_id: string | null }>;
  private readonly passkeys: Approvals<{ sign_count: number | null; backed_up: boolean | null }>;

  constructor(
    database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
  ) {
    this.totp = new Approvals(database, approve.totp);
    this.sentCode = new Approvals(database, approve.sent_code);
    this.passkeys = new Approvals(database, approve.passkey);
  }

  /** @throws {Problem} `invalid_request` where the device gives other answers; nothing is charged */
  async run(row: AnsweringDevice, policy: Policy, { code = '', webauthn }: VerifyChallengeBody): Promise<Check> {
    return webauthn ? this.passkey(row, policy, webauthn) : this.code(row, policy, code);
  }

  private code(row: AnsweringDevice, policy: Policy, code: string): Check {
    if (row.method === 'webauthn') throw invalidRequest('/code', 'cannot be used: this device is a passkey');
    const authenticator = authenticatorOf(this.sealer, row, policy);
    const verdict = verifyCode(authenticator, code, row.now, this.pepper);
    return {
      kind: authenticator.kind,
      verdict,
      amr: amrOf(row.method),
      shortSeed: authenticator.kind === 'totp' && isShortSeed(authenticator.secret),
      approve: (approval, browser) =>
        authenticator.kind === 'totp'
          ? this.totp.run({ ...approval, step: verdict.result === 'match' ? verdict.step : null }, browser)
          : this.sentCode.run({ ...approval, code_id: row.codeId }, browser),
    };
  }

  private async passkey(row: AnsweringDevice, policy: Policy, answer: PasskeyAssertion): Promise<Check> {
    const { credentialId, publicKey, signCount, backupEligible } = row;
    if (credentialId === null || publicKey === null || signCount === null || backupEligible === null) {
      throw invalidRequest('/webauthn', 'cannot be used: this device uses codes');
    }
    const party = relyingParty(policy, row.application);
    const stored = { credentialId, publicKey, signCount, backupEligible };
    const verdict = await this.pepper.underAny((key) =>
      verifyPasskeyAssertion(party, key, row.challengeId, row.userRef, stored, answer),
    );
    const used = verdict.result === 'match' ? verdict.passkey : null;
    return {
      kind: 'passkey',
      verdict,
      amr: amrOf(row.method, used?.userVerified),
      shortSeed: false,
      approve: (approval, browser) => {
        const spent = { sign_count: used?.signCount ?? null, backed_up: used?.backedUp ?? null };
        return this.passkeys.run({ ...approval, ...spent }, browser);
      },
    };
  }
}
