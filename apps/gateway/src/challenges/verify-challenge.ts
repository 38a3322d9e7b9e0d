import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem, type Method, type Policy } from '#contracts';
import {
  lockSchedule,
  mayAnswer,
  recoveryCodeMayApprove,
  verify,
  verifyPasskeyAssertion,
  type Authenticator,
  type PasskeyAssertion,
  type Verdict,
} from '#auth-core';
import { Batch, Database, event, eventsParameter, Sealer } from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceFor, isShortSeed } from '../advice/advice.js';
import { Pepper } from '../codes/pepper.js';
import { eventsOf, isOwn, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { deviceCode, id } from '../http/schemas.js';
import { Proofs } from '../proofs/proofs.js';
import { assertClock, effectivePolicy, type PolicyInForce } from '../rows/user-row.js';
import { prepareBrowser } from '../trusted-browsers/remember-browser.js';
import { authenticatorOf, verifyCode } from '../verification/authenticator.js';
import { amrOf, challengeFacts } from '../verification/charge.js';
import { assertionResponse, relyingParty } from '../verification/passkey.js';
import {
  refuseCode,
  refuseCounted,
  refuseDisabled,
  refuseLocked,
  refuseMethod,
  type Refused,
} from '../verification/refuse-code.js';
import {
  approve,
  chargeByRecoveryCode,
  readDevices,
  readPasskeys,
  readRecovery,
  refuseDevice,
  type Approval,
  type Approving,
  type ChallengeRow,
  type DeviceCall,
  type DeviceRead,
  type PasskeyRead,
} from './verify-challenge.sql.js';

export const verifyChallengeBody = z
  .strictObject({
    code: deviceCode.optional(),
    deviceId: id('dev').optional().meta({
      description: 'Can be left out if the user has only one usable device, or answers with a passkey',
    }),
    recoveryCode: z.string().min(1).max(64).optional(),
    rememberBrowser: z
      .boolean()
      .optional()
      .meta({ description: 'Trust this browser. Only for a login approved by a device, if the policy allows it' }),
    webauthn: assertionResponse.optional(),
  })
  .superRefine(({ code: entered, deviceId, recoveryCode, webauthn }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (entered === undefined && recoveryCode === undefined && webauthn === undefined) {
      fault('code', 'is required, unless there is a recoveryCode or webauthn');
    }
    if (entered !== undefined && recoveryCode !== undefined) fault('recoveryCode', 'cannot be combined with a code');
    if (webauthn !== undefined && (entered ?? recoveryCode) !== undefined) {
      fault('webauthn', 'cannot be combined with a code');
    }
    if (deviceId !== undefined && recoveryCode !== undefined) fault('deviceId', 'cannot be combined with recoveryCode');
  });
export type VerifyChallenge = z.infer<typeof verifyChallengeBody>;

export const verifyChallengeAnswer = z
  .object({
    status: z.literal('approved'),
    proof: z
      .string()
      .meta({ description: 'A JWT (EdDSA), valid for five minutes. Its public keys are at /.well-known/jwks.json' }),
    recoveryCodesLeft: z.int().optional(),
    trustedBrowser: z
      .string()
      .optional()
      .meta({ description: 'Store it in a cookie of this browser and send it with the next login. Shown only once' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'Approval' });
export type VerifyChallengeAnswer = z.infer<typeof verifyChallengeAnswer>;

/** An answer that has been looked at, and what charges it. */
interface Check {
  readonly kind: Parameters<typeof refuseCode>[1];
  readonly verdict: Verdict;
  readonly amr: string[];
  readonly shortSeed?: boolean;
  /**
   * Uses the answer up and ends the challenge.
   * @param browser to be remembered, as `rememberBrowser` reads it
   * @returns nothing where somebody was first with it
   */
  readonly approve: (approval: Approval, browser: string | null) => Promise<object | undefined>;
}

/** Checks a code against a challenge: read, look, charge and settle. Two round trips, one commit. */
@Injectable()
export class VerifyChallenges {
  private readonly deviceReads: Batch<DeviceRead, DeviceCall>;
  private readonly passkeyReads: Batch<PasskeyRead, DeviceCall>;

  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly proofs: Proofs,
  ) {
    this.deviceReads = new Batch(database, readDevices);
    this.passkeyReads = new Batch(database, readPasskeys);
  }

  async run(caller: Caller, challengeId: string, body: VerifyChallenge): Promise<VerifyChallengeAnswer> {
    return body.recoveryCode === undefined
      ? this.byDevice(caller, challengeId, body)
      : this.byRecoveryCode(caller, challengeId, body.recoveryCode);
  }

  private async byDevice(caller: Caller, challengeId: string, body: VerifyChallenge): Promise<VerifyChallengeAnswer> {
    const { webauthn, deviceId = null } = body;
    const reads = webauthn ? this.passkeyReads : (this.deviceReads as Batch<PasskeyRead, DeviceCall>);
    const all = await reads.ask({ challenge_id: challengeId, tenant_id: caller.tenantId, device_id: deviceId });
    const policy = assertPending(caller, all[0]);
    const rows = all.filter(({ mayAnswer }) => mayAnswer);
    const proved = all.filter(({ verifiedAt }) => verifiedAt !== null).map(({ method }) => method);
    const row = chooseDevice(rows, deviceId ?? (webauthn ? ownerOf(rows, webauthn.id) : null), policy, proved);
    const check = webauthn
      ? await this.passkeyCheck(row, policy, webauthn)
      : this.codeCheck(caller, row, policy, body.code ?? '');
    const { kind, verdict, amr } = check;
    if (verdict.result !== 'match') throw await this.refuse(caller, row, policy, kind, verdict.result);
    const browser = body.rememberBrowser ? prepareBrowser(this.sealer, policy, row, row.deviceId) : null;
    // What it says has to open before anything is settled.
    const proof = this.proof(caller, row, row.deviceId, amr);
    const approved = event('challenge.approved', { ...deviceFacts(row), amr });
    const events = eventsParameter(this.context(caller, row), browser ? [approved, browser.event] : [approved]);
    const done = await check.approve({ challengeId, deviceId: row.deviceId, events }, browser?.parameter ?? null);
    // Somebody was first with it. Where it was the challenge or the device that changed, the charge finds that out.
    if (!done) throw await this.refuse(caller, row, policy, kind, 'replayed');
    const facts = {
      verifiedDevices: all.filter(({ deviceStatus }) => deviceStatus === 'verified'),
      codesInForce: row.codesInForce,
    };
    const advice = adviceFor(facts, policy, caller.language, { ...row, verdict, shortSeed: check.shortSeed ?? false });
    return { status: 'approved', proof, ...(browser ? { trustedBrowser: browser.token } : {}), advice };
  }

  /** Charges an answer that was not right, or no longer. @returns what to say of it */
  private async refuse(
    caller: Caller,
    row: DeviceRead & { deviceId: string },
    policy: Policy,
    kind: Check['kind'],
    result: Refused,
  ): Promise<Problem> {
    const { challengeId, deviceId, method } = row;
    const lockoutId = newId('lockout');
    const lockout = { lockoutId, subject: 'device' as const, deviceId };
    const refused = result === 'replayed' ? 'challenge.replayed' : 'challenge.rejected';
    const charged = await this.database.one(refuseDevice, {
      challengeId,
      deviceId,
      schedule: lockSchedule(policy.lockout),
      lockoutId,
      tenantId: caller.tenantId,
      events: eventsParameter(this.context(caller, row), [
        event(refused, deviceFacts(row), { job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', endedFacts(row), { when: 'exhausted' }),
        event('lockout.started', lockout, { when: 'locked', job: 'announce-lockout' }),
        event('device.disabled', { deviceId, method }, { when: 'disabled' }),
      ]),
    });
    if (!charged) return this.explain(caller, challengeId, deviceId);
    return refuseCounted(policy, kind, result, charged, row.now, row.maxChecks - charged.checks);
  }

  private codeCheck(caller: Caller, row: DeviceRead & { deviceId: string }, policy: Policy, code: string): Check {
    if (row.method === 'webauthn') throw invalidRequest('/code', 'cannot be used: this device is a passkey');
    const authenticator = authenticatorOf(this.sealer, caller.tenantId, row, policy);
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

  private approving<Spent extends object>({ plain, remembering }: Approving<Spent>, spent: Spent): Check['approve'] {
    return (approval, browser) =>
      browser === null
        ? this.database.one(plain, { ...approval, ...spent })
        : this.database.one(remembering, { ...approval, ...spent, browser });
  }

  private async passkeyCheck(row: PasskeyRead, policy: Policy, answer: PasskeyAssertion): Promise<Check> {
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
      approve: this.approving(approve.passkey, {
        signCount: used?.signCount ?? null,
        backedUp: used?.backedUp ?? null,
      }),
    };
  }

  private async byRecoveryCode(caller: Caller, challengeId: string, input: string): Promise<VerifyChallengeAnswer> {
    const row = await this.database.one(readRecovery, { challengeId, tenantId: caller.tenantId });
    const policy = assertPending(caller, row);
    if (!row) throw new Problem('not_found');
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
    const authenticator: Authenticator = { kind: 'recovery_codes', userId: row.userRef, macs: row.macs ?? [] };
    const verdict: Verdict = verify(authenticator, input, row.now, this.pepper.key);
    const facts = { ...challengeFacts(challengeId, row.purpose, row.application), method: 'recovery_code' as const };
    const { method: _, ...ended } = facts;
    const charged = await this.database.one(chargeByRecoveryCode, {
      challengeId,
      userRef: row.userRef,
      right: verdict.result === 'match',
      mac: verdict.result === 'match' ? verdict.mac : null,
      events: eventsParameter(this.context(caller, row), [
        event('challenge.approved', { ...facts, amr: amrOf('recovery_code') }, { when: 'approved' }),
        event('recovery_code.used', { challengeId }, { when: 'approved' }),
        event('challenge.rejected', facts, { when: 'rejected', job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', ended, { when: 'exhausted' }),
      ]),
    });
    if (!charged) {
      const now = await this.database.one(readRecovery, { challengeId, tenantId: caller.tenantId });
      throw refusal(assertPending(caller, now), 'challenge_not_pending');
    }
    if (!charged.ok) {
      throw refuseCode(policy, 'recovery_codes', 'wrong', { attemptsLeft: row.maxChecks - charged.checks });
    }
    const proof = this.proof(caller, row, null, amrOf('recovery_code'));
    const left = charged.codesLeft;
    const known = { ...row, codesInForce: row.codesInForce && { ...row.codesInForce, left } };
    return { status: 'approved', proof, recoveryCodesLeft: left, advice: adviceFor(known, policy, caller.language) };
  }

  private context(caller: Caller, row: ChallengeRow) {
    const { accountId, userId, userRef } = row;
    return { ...eventsOf(caller), accountId, userId, userRef };
  }

  private proof(caller: Caller, row: ChallengeRow, deviceId: string | null, amr: string[]): string {
    const { tenantId } = caller;
    const { accountId, userId, purpose, application, challengeId } = row;
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    const claims = { tenantId, accountId, userId, purpose, challengeId, application, deviceId, amr, detail };
    return this.proofs.sign(claims, row.now);
  }

  /** Why the charging statement found nothing to charge. Says neither right nor wrong. */
  private async explain(caller: Caller, challengeId: string, deviceId: string): Promise<Problem> {
    const asked = { challenge_id: challengeId, tenant_id: caller.tenantId, device_id: deviceId };
    const rows = await this.deviceReads.ask(asked);
    const policy = assertPending(caller, rows[0]);
    const row = rows.find(({ mayAnswer }) => mayAnswer);
    // Removed meanwhile.
    if (!row) return noSuchDevice();
    if (row.deviceStatus === 'disabled') return refuseDisabled(policy);
    if (row.lockedUntil && row.now < row.lockedUntil) return refuseLocked(policy, row.lockedUntil, row.now);
    return refusal(policy, 'locked', { retryAfter: 1 });
  }
}

/** What the events that end a challenge tell. */
function endedFacts(row: ChallengeRow) {
  return challengeFacts(row.challengeId, row.purpose, row.application);
}

function deviceFacts(row: DeviceRead & { deviceId: string }) {
  return { ...endedFacts(row), deviceId: row.deviceId, method: row.method };
}

/**
 * The policy of a challenge that can still be checked.
 * @throws {Problem} `not_found`, `challenge_not_pending`, `challenge_expired`, `unavailable`
 */
function assertPending(caller: Caller, row: ChallengeRow | undefined): PolicyInForce {
  if (!row || !isOwn(caller, row.application))
    throw new Problem('not_found', { detail: 'There is no such challenge.' });
  assertClock(row.now);
  const policy = effectivePolicy(row);
  const over = row.challengeStatus === 'pending' && row.challengeExpiresAt <= row.now;
  if (over || row.challengeStatus === 'expired') throw refusal(policy, 'challenge_expired');
  if (row.challengeStatus !== 'pending') throw refusal(policy, 'challenge_not_pending');
  return policy;
}

function noSuchDevice(): Problem {
  return new Problem('not_found', { detail: 'This challenge has no such device.' });
}

/**
 * The device whose passkey answered. Ids of credentials are no secret: the challenge lists them.
 * @throws {Problem} `invalid_request`
 */
function ownerOf(rows: readonly PasskeyRead[], credentialId: string): string {
  const owner = rows.find((row) => row.credentialId === credentialId)?.deviceId;
  if (!owner) throw invalidRequest('/webauthn/id', 'is not a passkey that can answer this challenge');
  return owner;
}

/**
 * @param proved as for `mayAnswer`
 * @throws {Problem} where the device is unknown, unproven, not allowed, locked, disabled, or has to be named
 */
function chooseDevice<Row extends DeviceRead>(
  rows: readonly Row[],
  deviceId: string | null,
  policy: Policy,
  proved: readonly Method[],
): Row & { deviceId: string } {
  const known = rows.filter(
    (row): row is Row & { deviceId: string } =>
      row.deviceId !== null && (deviceId === null || row.deviceId === deviceId),
  );
  const verified = known.filter((row) => row.deviceStatus === 'verified');
  const usable = verified.filter((row) => mayAnswer(policy.methods, row.method, proved));
  const unnamed = usable.length > 0 ? usable : verified.slice(0, 1);
  const candidates = deviceId === null ? unnamed : known;
  const [row] = candidates;
  if (candidates.length > 1) throw invalidRequest('/deviceId', 'is required: the user has several devices');
  if (!row) {
    throw deviceId === null
      ? invalidRequest('/code', 'cannot be checked: the user has no usable device. Use a recovery code')
      : noSuchDevice();
  }
  if (row.deviceStatus === 'unverified') throw refusal(policy, 'device_not_verified');
  if (!mayAnswer(policy.methods, row.method, proved)) throw refuseMethod(policy);
  if (row.deviceStatus === 'disabled') throw refuseDisabled(policy);
  if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
  return row;
}
