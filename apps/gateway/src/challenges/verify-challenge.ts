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
  type Purpose,
  type Verdict,
} from '#auth-core';
import {
  appendEvents,
  Batch,
  batchStatement,
  Database,
  event,
  eventsParameter,
  noOutcomes,
  Sealer,
  statement,
  type Statement,
} from '#persistence';
import { z } from 'zod';
import {
  adviceAnswer,
  adviceColumns,
  adviceFor,
  codesInForce,
  isShortSeed,
  type AdviceFacts,
} from '../advice/advice.js';
import { Pepper } from '../codes/pepper.js';
import { eventsOf, isOwn, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { deviceCode, id } from '../http/schemas.js';
import { knowsAny, lockedUntil, wrongCodes } from '../places/places.js';
import { Proofs } from '../proofs/proofs.js';
import { admits } from '../rows/device-row.js';
import { assertClock, effectivePolicy, type PolicyInForce } from '../rows/user-row.js';
import { prepareBrowser, rememberBrowser } from '../trusted-browsers/remember-browser.js';
import { authenticatorOf, verifyCode } from '../verification/authenticator.js';
import {
  amrOf,
  challengeFacts,
  chargeableChallenge,
  chargeChallenge,
  consequence,
  lockoutPatch,
  recordLockout,
} from '../verification/charge.js';
import { assertionResponse, relyingParty } from '../verification/passkey.js';
import {
  refuseCode,
  refuseCounted,
  refuseDisabled,
  refuseLocked,
  refuseMethod,
  type Refused,
} from '../verification/refuse-code.js';

export const verifyChallengeBody = z
  .strictObject({
    code: deviceCode.optional(),
    deviceId: id('dev').optional().meta({
      description: 'May be left out with only one usable device, or with the answer of a passkey, which names it',
    }),
    recoveryCode: z.string().min(1).max(64).optional(),
    rememberBrowser: z
      .boolean()
      .optional()
      .meta({ description: 'Ask this browser no more: heeded for a login by a device, where the policy allows it' }),
    webauthn: assertionResponse.optional(),
  })
  .superRefine(({ code: entered, deviceId, recoveryCode, webauthn }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (entered === undefined && recoveryCode === undefined && webauthn === undefined) {
      fault('code', 'is needed, or a recoveryCode, or the answer of a passkey');
    }
    if (entered !== undefined && recoveryCode !== undefined) fault('recoveryCode', 'can not stand beside a code');
    if (webauthn !== undefined && (entered ?? recoveryCode) !== undefined) {
      fault('webauthn', 'can not stand beside a code');
    }
    if (deviceId !== undefined && recoveryCode !== undefined) fault('deviceId', 'does not go with a recoveryCode');
  });
export type VerifyChallenge = z.infer<typeof verifyChallengeBody>;

export const verifyChallengeAnswer = z
  .object({
    status: z.literal('approved'),
    proof: z.string().meta({ description: 'JWT (EdDSA), five minutes; keys at /.well-known/jwks.json' }),
    recoveryCodesLeft: z.int().optional(),
    trustedBrowser: z
      .string()
      .optional()
      .meta({ description: 'For a cookie of this browser; sent with its next login. Shown this once' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'Approval' });
export type VerifyChallengeAnswer = z.infer<typeof verifyChallengeAnswer>;

const challengeColumns = `
  c.id as "challengeId", c.status as "challengeStatus", c.purpose, c.application, c.expires_at as "challengeExpiresAt",
  c.checks, c.max_checks as "maxChecks", c.detail_sealed as "detailSealed",
  c.user_agent_sealed as "userAgentSealed",
  t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", a.external_id as "accountId",
  u.locale as "userLocale", a.locale as "accountLocale",
  u.external_id as "userId", u.id as "userRef", clock_timestamp() as now`;

const ofChallenge = `
  join app_user u on u.id = c.user_id join account a on a.id = u.account_id join tenant t on t.id = c.tenant_id`;

// All devices of the user, though one of them is to answer: what there is to advise depends on the others.
const deviceRead = (name: string, columns = '', join = '') =>
  batchStatement(
    name,
    { challenge_id: 'text', tenant_id: 'text', device_id: 'text' },
    (asked) => `with ${asked}
   select asked.n, ${challengeColumns},
     d.id as "deviceId", d.method, d.status as "deviceStatus", d.secret_sealed as "secretSealed",
     d.totp_algorithm as algorithm, d.totp_digits as digits, d.totp_period as period,
     d.last_used_step as "lastUsedStep", ${lockedUntil('c.known')} as "lockedUntil",
     d.verified_at as "verifiedAt",
     (asked.device_id is null or d.id = asked.device_id) and (c.device_id is null or d.id = c.device_id) and ${admits('d', 'c.application')}
       as "mayAnswer",
     k.id as "codeId", k.expires_at as "codeExpiresAt", k.consumed_at is not null as "codeConsumed",
     ${codesInForce('c.user_id')}${columns}
   from asked join challenge c on c.id = asked.challenge_id and c.tenant_id = asked.tenant_id ${ofChallenge}
   left join device d on d.user_id = c.user_id
   left join code k on k.subject_id = c.id and k.device_id = d.id
   ${join}`,
  );

const readDevices = deviceRead('challenge.verify-read');

const readPasskeys = deviceRead(
  'challenge.passkey-read',
  `, w.credential_id as "credentialId", w.public_key as "publicKey", w.sign_count as "signCount",
     w.backup_eligible as "backupEligible", w.backed_up as "backedUp"`,
  'left join webauthn_credential w on w.device_id = d.id',
);

const readRecovery = statement(
  'challenge.recover-read',
  `select ${challengeColumns}, ${adviceColumns('c.user_id')}, p.user_id is not null as "hasCodes",
     (select array_agg(r.mac) from recovery_code r
      where r.user_id = p.user_id and r.set_id = p.set_id and r.used_at is null) as macs
   from challenge c ${ofChallenge}
   left join recovery_pool p on p.user_id = c.user_id and p.enrolment_device_id is null
   where c.id = $1 and c.tenant_id = $2`,
);

/** Whether the challenge comes from a place that the user has logged in from. */
const fromKnown = '(select known from challenge where id = $1)';
/** Condition: the device `d` refuses no checks from there. */
const unlocked = `coalesce(${lockedUntil(fromKnown)}, '-infinity') <= now()`;

/**
 * Charges and settles a check by a device, where the answer was right when the process looked. Where somebody was first
 * with it, there is no row, and `refuseDevice` charges the check: so a login carries no part of what only a refusal needs.
 * @param unused whether the device `d` has not seen the answer yet
 * @param spend what uses the answer up: an update that also asks whether that can still be done
 * @param step placeholder of the time step of a right code
 * @param remember placeholder of the browser to be remembered
 */
const approveBy = (how: { unused?: string; spend?: string; step?: string }, remember: string | null) => `
   with d as (
     select id, tenant_id, user_id, address_changed_at from device d
     where id = $2 and status = 'verified' and ${unlocked} ${how.unused ? `and (${how.unused})` : ''}
     for update
   ), ${chargeableChallenge('$1', 'd')}, ${how.spend ? `k as (${how.spend} and exists (select from c) returning 1),` : ''}
   outcome as (
     select d.id as device_id, d.tenant_id, d.user_id, c.id as challenge_id, c.checks, clock_timestamp() as at
     from d, c ${how.spend ? 'where exists (select from k)' : ''}
   ),
   device_row as (
     update device d set
       wrong_codes = 0, locked_until = null, known_wrong_codes = 0, known_locked_until = null, last_used_at = o.at
       ${how.step ? `, last_used_step = ${how.step}` : ''}
     from outcome o where d.id = o.device_id
   ),
   challenge_row as (
     update challenge c set
       checks = o.checks, status = 'approved', ended_at = o.at, approved_device_id = o.device_id
     from outcome o where c.id = o.challenge_id
   ), ${remember === null ? '' : `${rememberBrowser(remember)},`}
   guard as (select ${noOutcomes} from outcome), ${appendEvents('$3', 'guard')}
   select device_id from outcome`;

/** Statements of their own where a browser is to be remembered, so that a login that asks for no trust carries no part of it. */
const approving = (method: string, browser: string, how: Parameters<typeof approveBy>[0]) => ({
  plain: statement(`challenge.${method}-approve`, approveBy(how, null)),
  remembering: statement(`challenge.${method}-approve-and-remember`, approveBy(how, browser)),
});

const approve = {
  totp: approving('totp', '$5', { unused: 'last_used_step is null or last_used_step < $4', step: '$4' }),
  sent_code: approving('sent-code', '$5', {
    spend: `update code set consumed_at = now()
      where id = $4 and subject_id = $1 and device_id = $2 and consumed_at is null and expires_at > now()
        -- Not one that went to the number that the device had before.
        and last_sent_at > coalesce((select address_changed_at from d), '-infinity')`,
  }),
  // The counter goes up, or there is none (WebAuthn L3 §7.2 step 22).
  passkey: approving('passkey', '$6', {
    spend: `update webauthn_credential set sign_count = $4, backed_up = $5
      where device_id = $2 and (sign_count < $4 or sign_count = 0 and $4 = 0)`,
  }),
};

const refuseDevice = statement(
  'challenge.verify-charge',
  `with d as (
     select id, user_id, ${wrongCodes(fromKnown)} as wrong_codes from device d
     where id = $2 and status = 'verified' and ${unlocked}
     for update
   ), ${chargeableChallenge('$1', 'd')},
   verdict as (
     select d.id as device_id, d.user_id, c.id as challenge_id, c.checks, c.max_checks, d.wrong_codes + 1 as wrong,
       ${fromKnown} as known, false as ok
     from d, c
   ), ${consequence('$3', `not v.known and ${knowsAny('v.user_id')}`)},
   device_row as (
     update device d set
       wrong_codes = case when o.known then d.wrong_codes else o.wrong end,
       locked_until = case when o.known then d.locked_until else o.locked_until end,
       known_wrong_codes = case when o.known then o.wrong else d.known_wrong_codes end,
       known_locked_until = case when o.known then o.locked_until else d.known_locked_until end,
       status = case when o.disables then 'disabled' else d.status end
     from outcome o where d.id = o.device_id
   ), ${chargeChallenge()}, ${recordLockout('$4', '$5', 'user_id', 'device', 'device_id')},
   guard as (
     select array_remove(array[
         case when checks >= max_checks then 'exhausted' end,
         case when locks then 'locked' end,
         case when disables then 'disabled' end], null) as outcomes,
       jsonb_build_object(${lockoutPatch}) as patch
     from outcome
   ), ${appendEvents('$6', 'guard')}
   select wrong, checks, locked_until as "lockedUntil" from outcome`,
);

const chargeByRecoveryCode = statement(
  'challenge.recover-charge',
  `with p as (
     select user_id, set_id, wrong_codes from recovery_pool
     where user_id = $2 and enrolment_device_id is null
     for update
   ), ${chargeableChallenge('$1', 'p')},
   live as (
     select r.mac from p, recovery_code r
     where $3 and r.user_id = p.user_id and r.set_id = p.set_id and r.used_at is null
     for update of r
   ),
   k as (
     update recovery_code set used_at = now()
     where user_id = $2 and mac = $4 and mac in (select mac from live) and exists (select from c)
     returning 1
   ),
   verdict as (
     select p.user_id, c.id as challenge_id, c.checks, c.max_checks, p.wrong_codes + 1 as wrong,
       $3 and exists (select from k) as ok,
       (select count(*) from live) - (select count(*) from k) as codes_left
     from p, c
   ),
   outcome as (select *, clock_timestamp() as at from verdict),
   pool_row as (
     update recovery_pool p set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       codes_left = case when o.ok then o.codes_left else p.codes_left end
     from outcome o where p.user_id = o.user_id
   ), ${chargeChallenge()},
   guard as (
     select array_remove(array[
         case when ok then 'approved' else 'rejected' end,
         case when not ok and checks >= max_checks then 'exhausted' end], null) as outcomes,
       jsonb_build_object('recovery_code.used', jsonb_build_object('left', codes_left)) as patch
     from outcome
   ), ${appendEvents('$5', 'guard')}
   select ok, checks, codes_left::int as "codesLeft" from outcome`,
);

interface ChallengeRow {
  readonly challengeId: string;
  readonly challengeStatus: string;
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly challengeExpiresAt: Date;
  readonly checks: number;
  readonly maxChecks: number;
  readonly detailSealed: Buffer | null;
  readonly userAgentSealed: Buffer | null;
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
  readonly accountId: string;
  readonly userId: string;
  readonly userRef: string;
  readonly now: Date;
}

interface DeviceRead extends ChallengeRow {
  readonly codesInForce: AdviceFacts['codesInForce'];
  readonly deviceId: string | null;
  /** Whether it is the one that was named, or that the challenge is for, and serves the application. */
  readonly mayAnswer: boolean | null;
  readonly method: Method;
  readonly deviceStatus: 'unverified' | 'verified' | 'disabled';
  readonly secretSealed: Buffer | null;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly period: number;
  readonly lastUsedStep: number | null;
  readonly lockedUntil: Date | null;
  readonly verifiedAt: Date | null;
  readonly codeId: string | null;
  readonly codeExpiresAt: Date;
  readonly codeConsumed: boolean;
}

/** Null where the device is no passkey; read only where a passkey answers. */
interface PasskeyRead extends DeviceRead {
  readonly credentialId: string | null;
  readonly publicKey: Buffer | null;
  readonly signCount: number | null;
  readonly backupEligible: boolean | null;
  readonly backedUp: boolean | null;
}

/** An answer that has been looked at, and what charges it. */
interface Check {
  readonly kind: Parameters<typeof refuseCode>[1];
  readonly verdict: Verdict;
  readonly amr: string[];
  readonly shortSeed?: boolean;
  readonly approve: { readonly plain: Statement; readonly remembering: Statement };
  /** Its parameters from `$4` on, which use the answer up. */
  readonly spent: readonly (number | string | boolean | null)[];
}

interface RecoveryRead extends ChallengeRow, AdviceFacts {
  readonly hasCodes: boolean;
  readonly macs: Buffer[] | null;
}

interface Charged {
  readonly wrong: number;
  readonly checks: number;
  readonly lockedUntil: Date | null;
}

interface RecoveryCharged {
  readonly ok: boolean;
  readonly checks: number;
  readonly codesLeft: number;
}

/** Checks a code against a challenge: read, look, charge and settle. Two round trips, one commit. */
@Injectable()
export class VerifyChallenges {
  private readonly deviceReads: Batch<PasskeyRead, typeof readDevices>;
  private readonly passkeyReads: Batch<PasskeyRead, typeof readPasskeys>;

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
    const reads = webauthn ? this.passkeyReads : this.deviceReads;
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
    const done = await this.database.one(browser ? check.approve.remembering : check.approve.plain, [
      challengeId,
      row.deviceId,
      eventsParameter(this.context(caller, row), browser ? [approved, browser.event] : [approved]),
      ...check.spent,
      ...(browser ? [browser.parameter] : []),
    ]);
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
    const charged = await this.database.one<Charged>(refuseDevice, [
      challengeId,
      deviceId,
      lockSchedule(policy.lockout),
      lockoutId,
      caller.tenantId,
      eventsParameter(this.context(caller, row), [
        event(refused, deviceFacts(row), { job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', endedFacts(row), { when: 'exhausted' }),
        event('lockout.started', lockout, { when: 'locked', job: 'announce-lockout' }),
        event('device.disabled', { deviceId, method }, { when: 'disabled' }),
      ]),
    ]);
    if (!charged) return this.explain(caller, challengeId, deviceId);
    return refuseCounted(policy, kind, result, charged, row.now, row.maxChecks - charged.checks);
  }

  private codeCheck(caller: Caller, row: DeviceRead & { deviceId: string }, policy: Policy, code: string): Check {
    if (row.method === 'webauthn') throw invalidRequest('/code', 'does not fit this device: it is a passkey');
    const authenticator = authenticatorOf(this.sealer, caller.tenantId, row, policy);
    const verdict = verifyCode(authenticator, code, row.now, this.pepper.key);
    return {
      kind: authenticator.kind,
      verdict,
      amr: amrOf(row.method),
      shortSeed: authenticator.kind === 'totp' && isShortSeed(authenticator.secret),
      approve: approve[authenticator.kind],
      spent: [verdict.result === 'match' && authenticator.kind === 'totp' ? verdict.step : row.codeId],
    };
  }

  private async passkeyCheck(row: PasskeyRead, policy: Policy, answer: PasskeyAssertion): Promise<Check> {
    const { credentialId, publicKey, signCount, backupEligible } = row;
    if (credentialId === null || publicKey === null || signCount === null || backupEligible === null) {
      throw invalidRequest('/webauthn', 'does not fit this device: it takes a code');
    }
    const party = relyingParty(policy, row.application);
    const stored = { credentialId, publicKey, signCount, backupEligible };
    const verdict = await verifyPasskeyAssertion(party, this.pepper.key, row.challengeId, row.userRef, stored, answer);
    const used = verdict.result === 'match' ? verdict.passkey : null;
    return {
      kind: 'passkey',
      verdict,
      amr: amrOf(row.method, used?.userVerified),
      approve: approve.passkey,
      spent: [used?.signCount ?? null, used?.backedUp ?? null],
    };
  }

  private async byRecoveryCode(caller: Caller, challengeId: string, input: string): Promise<VerifyChallengeAnswer> {
    const row = await this.database.one<RecoveryRead>(readRecovery, [challengeId, caller.tenantId]);
    const policy = assertPending(caller, row);
    if (!row) throw new Problem('not_found');
    if (!recoveryCodeMayApprove(row.purpose)) {
      throw refusal(policy, 'method_not_allowed', {
        detail: `A recovery code can not approve "${row.purpose}". Use one of your devices.`,
      });
    }
    if (!row.hasCodes) throw invalidRequest('/recoveryCode', 'can not be checked: the user has no recovery codes');
    if (policy.recoveryCodes.count === 0) {
      throw refusal(policy, 'method_not_allowed', {
        detail: 'The policy has no recovery codes any more. Use one of your devices.',
      });
    }
    const authenticator: Authenticator = { kind: 'recovery_codes', userId: row.userRef, macs: row.macs ?? [] };
    const verdict: Verdict = verify(authenticator, input, row.now, this.pepper.key);
    const facts = { ...challengeFacts(challengeId, row.purpose, row.application), method: 'recovery_code' as const };
    const { method: _, ...ended } = facts;
    const charged = await this.database.one<RecoveryCharged>(chargeByRecoveryCode, [
      challengeId,
      row.userRef,
      verdict.result === 'match',
      verdict.result === 'match' ? verdict.mac : null,
      eventsParameter(this.context(caller, row), [
        event('challenge.approved', { ...facts, amr: amrOf('recovery_code') }, { when: 'approved' }),
        event('recovery_code.used', { challengeId }, { when: 'approved' }),
        event('challenge.rejected', facts, { when: 'rejected', job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', ended, { when: 'exhausted' }),
      ]),
    ]);
    if (!charged) {
      const now = await this.database.one<RecoveryRead>(readRecovery, [challengeId, caller.tenantId]);
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
  return new Problem('not_found', { detail: 'There is no such device for this challenge.' });
}

/**
 * The device whose passkey answered. Ids of credentials are no secret: the challenge lists them.
 * @throws {Problem} `invalid_request`
 */
function ownerOf(rows: readonly PasskeyRead[], credentialId: string): string {
  const owner = rows.find((row) => row.credentialId === credentialId)?.deviceId;
  if (!owner) throw invalidRequest('/webauthn/id', 'is no passkey that may answer this challenge');
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
  if (candidates.length > 1) throw invalidRequest('/deviceId', 'is needed: the user has several devices');
  if (!row) {
    throw deviceId === null
      ? invalidRequest('/code', 'can not be checked: the user has no usable device; a recovery code can')
      : noSuchDevice();
  }
  if (row.deviceStatus === 'unverified') throw refusal(policy, 'device_not_verified');
  if (!mayAnswer(policy.methods, row.method, proved)) throw refuseMethod(policy);
  if (row.deviceStatus === 'disabled') throw refuseDisabled(policy);
  if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
  return row;
}
