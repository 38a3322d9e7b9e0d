import { Injectable } from '@nestjs/common';
import { invalidRequest, Problem, type Method, type Policy } from '#contracts';
import {
  lockSchedule,
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
  Database,
  event,
  eventsParameter,
  Sealer,
  statement,
  type NewEvent,
  type Statement,
} from '#persistence';
import { z } from 'zod';
import { admits } from '../devices/device-view.js';
import { adviceAnswer, adviceColumns, adviceFor, type AdviceFacts } from '../advice/advice.js';
import type { Caller } from '../http/caller.js';
import { id } from '../http/schemas.js';
import { Pepper } from '../pepper.js';
import { refusal } from '../policy/refusal.js';
import { Proofs } from '../proofs/proofs.js';
import { liveCodes } from '../recovery-codes/live-codes.js';
import { prepareBrowser, rememberBrowser } from '../trusted-browsers/remember-browser.js';
import { assertClock, effectivePolicy, type PolicyInForce } from '../users/user-context.js';
import { authenticatorOf } from '../verification/authenticator.js';
import {
  amrOf,
  challengeFacts,
  chargeableChallenge,
  chargeChallenge,
  chargeDevice,
  chargeOf,
  consequence,
  lockoutPatch,
  recordLockout,
  type Charge,
} from '../verification/charge.js';
import { assertionResponse, relyingParty } from '../verification/passkey.js';
import { refuseCode, refuseDisabled, refuseLocked, type Refused } from '../verification/refuse-code.js';

const code = z.string().min(1).max(64);

export const verifyChallengeBody = z
  .strictObject({
    code: code.optional().meta({ description: 'Six digits, or eight where an imported seed has so many' }),
    deviceId: id('dev').optional().meta({
      description: 'May be left out with only one usable device, or with the answer of a passkey, which names it',
    }),
    recoveryCode: code.optional(),
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

const challengeFrom = `
  from challenge c join app_user u on u.id = c.user_id join account a on a.id = u.account_id
  join tenant t on t.id = c.tenant_id`;

const deviceRead = (columns: string, join = '') => `
   select ${challengeColumns},
     d.id as "deviceId", d.method, d.status as "deviceStatus", d.secret_sealed as "secretSealed",
     d.totp_algorithm as algorithm, d.totp_digits as digits, d.totp_period as period,
     d.last_used_step as "lastUsedStep", d.locked_until as "lockedUntil", d.wrong_codes as "wrongCodes",
     k.id as "codeId", k.expires_at as "codeExpiresAt", k.consumed_at is not null as "codeConsumed"${columns}
   ${challengeFrom}
   left join device d on d.user_id = c.user_id and ($3::text is null or d.id = $3)
     and (c.device_id is null or d.id = c.device_id) and ${admits('d', 'c.application')}
   left join code k on k.subject_id = c.id and k.device_id = d.id
   ${join}
   where c.id = $1 and c.tenant_id = $2`;

const readDevices = statement(
  'challenge.verify-read',
  deviceRead(`, ${adviceColumns('c.user_id', `d.method = 'sms'`)}`),
);

const readPasskeys = statement(
  'challenge.passkey-read',
  deviceRead(
    `, w.credential_id as "credentialId", w.public_key as "publicKey", w.sign_count as "signCount",
     w.backup_eligible as "backupEligible", ${adviceColumns('c.user_id')}`,
    'left join webauthn_credential w on w.device_id = d.id',
  ),
);

const readRecovery = statement(
  'challenge.recover-read',
  `select ${challengeColumns}, ${adviceColumns('c.user_id')}, p.user_id is not null as "hasCodes", p.locked_until as "lockedUntil",
     ${liveCodes('array_agg(r.mac)', 'c.user_id')} as macs
   ${challengeFrom}
   left join recovery_pool p on p.user_id = c.user_id and p.enrolment_device_id is null
   where c.id = $1 and c.tenant_id = $2`,
);

/**
 * Charges a check by a device.
 * @param spend what uses up a right answer: an update that also asks whether that can still be done
 * @param ok whether the answer counts, by the rows `k` of `spend` and `d`
 * @param step placeholder of the time step of a right code
 * @param more queries that build on `outcome`, with a comma behind each
 */
const chargeBy = (spend: string, ok: string, step: string, more: string) => `
   with d as (
     select id, user_id, wrong_codes, last_used_step from device
     where id = $2 and status = 'verified' and (locked_until is null or locked_until <= now())
     for update
   ), ${chargeableChallenge('$1', 'd')},
   k as (
     ${spend} and exists (select from c)
     returning 1
   ),
   verdict as (
     select d.id as device_id, d.user_id, c.id as challenge_id, c.checks, c.max_checks, d.wrong_codes + 1 as wrong,
       $3 and ${ok} as ok
     from d, c
   ), ${consequence('$6', true)}, ${chargeDevice(step)}, ${chargeChallenge('o.device_id')},
   ${recordLockout('$7', '$8', 'user_id', 'device', 'device_id')}, ${more}
   guard as (
     select array_remove(array[
         case when ok then 'approved' when $3 or $9 then 'replayed' else 'rejected' end,
         case when not ok and checks >= max_checks then 'exhausted' end,
         case when locks then 'locked' end,
         case when disables then 'disabled' end], null) as outcomes,
       jsonb_build_object(${lockoutPatch}) as patch
     from outcome
   ), ${appendEvents('$10', 'guard')}
   select ok, wrong, checks, locked_until as "lockedUntil" from outcome`;

const chargeByCode = (more: string) =>
  chargeBy(
    `update code set consumed_at = now()
     where $3 and id = $5 and subject_id = $1 and device_id = $2 and consumed_at is null and expires_at > now()`,
    `case when $4::bigint is null then exists (select from k)
                   else d.last_used_step is null or d.last_used_step < $4 end`,
    '$4',
    more,
  );

// The counter goes up, or there is none (WebAuthn L3 §7.2 step 22).
const chargeByPasskey = (more: string) =>
  chargeBy(
    `update webauthn_credential set sign_count = $4, backed_up = $5
     where $3 and device_id = $2 and (sign_count < $4 or sign_count = 0 and $4 = 0)`,
    'exists (select from k)',
    'null',
    more,
  );

const remember = `${rememberBrowser('$11', '$8')},`;

/** Statements of their own where a browser is to be remembered, so that a login that asks for no trust carries no part of it. */
const charging = {
  code: {
    plain: statement('challenge.verify-charge', chargeByCode('')),
    remembering: statement('challenge.verify-charge-and-remember', chargeByCode(remember)),
  },
  passkey: {
    plain: statement('challenge.passkey-charge', chargeByPasskey('')),
    remembering: statement('challenge.passkey-charge-and-remember', chargeByPasskey(remember)),
  },
};

const chargeByRecoveryCode = statement(
  'challenge.recover-charge',
  `with p as (
     select user_id, set_id, wrong_codes from recovery_pool
     where user_id = $2 and enrolment_device_id is null and (locked_until is null or locked_until <= now())
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
   ), ${consequence('$5', false)},
   pool_row as (
     update recovery_pool p set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       locked_until = o.locked_until
     from outcome o where p.user_id = o.user_id
   ), ${chargeChallenge('null')}, ${recordLockout('$6', '$7', 'user_id', 'recovery_codes', 'null')},
   guard as (
     select array_remove(array[
         case when ok then 'approved' else 'rejected' end,
         case when not ok and checks >= max_checks then 'exhausted' end,
         case when locks then 'locked' end], null) as outcomes,
       jsonb_build_object(${lockoutPatch}, 'recovery_code.used', jsonb_build_object('left', codes_left)) as patch
     from outcome
   ), ${appendEvents('$8', 'guard')}
   select ok, wrong, checks, locked_until as "lockedUntil", codes_left::int as "codesLeft" from outcome`,
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
  /** Null where the device's own method settles what there is to advise. */
  readonly verifiedDevices: AdviceFacts['verifiedDevices'] | null;
  readonly codesInForce: AdviceFacts['codesInForce'];
  readonly deviceId: string | null;
  readonly method: Method;
  readonly deviceStatus: 'unverified' | 'verified' | 'disabled';
  readonly secretSealed: Buffer | null;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly period: number;
  readonly lastUsedStep: number | null;
  readonly lockedUntil: Date | null;
  readonly wrongCodes: number;
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
}

/** An answer that has been looked at, and what charges it. */
interface Check {
  readonly kind: Parameters<typeof refuseCode>[1];
  readonly verdict: Verdict;
  readonly amr: string[];
  readonly charges: { readonly plain: Statement; readonly remembering: Statement };
  /** Its parameters `$4` and `$5`. */
  readonly spent: readonly [number | null, string | boolean | null];
}

interface RecoveryRead extends ChallengeRow, AdviceFacts {
  readonly hasCodes: boolean;
  readonly lockedUntil: Date | null;
  readonly macs: Buffer[] | null;
}

interface Charged {
  readonly ok: boolean;
  readonly wrong: number;
  readonly checks: number;
  readonly lockedUntil: Date | null;
  readonly codesLeft?: number;
}

/** Checks a code against a challenge: read, look, charge and settle. Two round trips, one commit. */
@Injectable()
export class VerifyChallenges {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly proofs: Proofs,
  ) {}

  async run(caller: Caller, challengeId: string, body: VerifyChallenge): Promise<VerifyChallengeAnswer> {
    return body.recoveryCode === undefined
      ? this.byDevice(caller, challengeId, body)
      : this.byRecoveryCode(caller, challengeId, body.recoveryCode);
  }

  private async byDevice(caller: Caller, challengeId: string, body: VerifyChallenge): Promise<VerifyChallengeAnswer> {
    const { webauthn, deviceId = null } = body;
    const read = webauthn ? readPasskeys : readDevices;
    const rows = await this.database.query<PasskeyRead>(read, [challengeId, caller.tenantId, deviceId]);
    const policy = assertPending(rows[0]);
    const row = chooseDevice(rows, deviceId ?? (webauthn ? ownerOf(rows, webauthn.id) : null), policy);
    const { kind, verdict, amr, charges, spent } = webauthn
      ? await this.passkeyCheck(row, policy, webauthn)
      : this.codeCheck(caller, row, policy, body.code ?? '');
    const charge = chargeOf(verdict);
    const browser = body.rememberBrowser ? prepareBrowser(this.sealer, policy, row, row.deviceId) : null;
    const events = [...this.deviceEvents(row, charge, amr), ...(browser ? [browser.event] : [])];
    const charged = await this.database.one<Charged>(browser ? charges.remembering : charges.plain, [
      challengeId,
      row.deviceId,
      charge.match,
      ...spent,
      lockSchedule(policy.lockout),
      charge.lockoutId,
      caller.tenantId,
      verdict.result === 'replayed',
      eventsParameter(this.context(caller, row), events),
      ...(browser ? [browser.parameter] : []),
    ]);
    if (!charged) throw await this.explain(caller, challengeId, row.deviceId);
    if (!charged.ok) {
      const result: Refused = verdict.result === 'match' ? 'replayed' : verdict.result;
      throw refuseCode(policy, kind, result, leftAfter(row, charged, policy));
    }
    const proof = this.proof(caller, row, row.deviceId, amr);
    const facts = { ...row, verifiedDevices: row.verifiedDevices ?? [{ method: row.method }] };
    const advice = adviceFor(facts, policy, caller.language, { ...row, verdict });
    return { status: 'approved', proof, ...(browser ? { trustedBrowser: browser.token } : {}), advice };
  }

  private codeCheck(caller: Caller, row: DeviceRead & { deviceId: string }, policy: Policy, code: string): Check {
    if (row.method === 'webauthn') throw invalidRequest('/code', 'does not fit this device: it is a passkey');
    const authenticator = authenticatorOf(this.sealer, caller.tenantId, row, policy);
    const verdict = verify(authenticator, code, row.now, this.pepper.key);
    return {
      kind: authenticator.kind,
      verdict,
      amr: amrOf(row.method),
      charges: charging.code,
      spent: [verdict.result === 'match' ? verdict.step : null, row.codeId],
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
      charges: charging.passkey,
      spent: [used?.signCount ?? null, used?.backedUp ?? null],
    };
  }

  private async byRecoveryCode(caller: Caller, challengeId: string, input: string): Promise<VerifyChallengeAnswer> {
    const row = await this.database.one<RecoveryRead>(readRecovery, [challengeId, caller.tenantId]);
    const policy = assertPending(row);
    if (!row) throw new Problem('not_found');
    if (!recoveryCodeMayApprove(row.purpose)) {
      throw refusal(policy, 'method_not_allowed', {
        detail: `A recovery code can not approve "${row.purpose}". Use one of your devices.`,
      });
    }
    if (!row.hasCodes) throw invalidRequest('/recoveryCode', 'can not be checked: the user has no recovery codes');
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const authenticator: Authenticator = { kind: 'recovery_codes', userId: row.userRef, macs: row.macs ?? [] };
    const verdict: Verdict = verify(authenticator, input, row.now, this.pepper.key);
    const charge = chargeOf(verdict);
    const facts = { ...challengeFacts(challengeId, row.purpose, row.application), method: 'recovery_code' as const };
    const { method: _, ...ended } = facts;
    const charged = await this.database.one<Charged>(chargeByRecoveryCode, [
      challengeId,
      row.userRef,
      charge.match,
      verdict.result === 'match' ? verdict.mac : null,
      lockSchedule(policy.lockout),
      charge.lockoutId,
      caller.tenantId,
      eventsParameter(this.context(caller, row), [
        event('challenge.approved', { ...facts, amr: amrOf('recovery_code') }, { when: 'approved' }),
        event('recovery_code.used', { challengeId }, { when: 'approved' }),
        event('challenge.rejected', facts, { when: 'rejected', job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', ended, { when: 'exhausted' }),
        event(
          'lockout.started',
          { lockoutId: charge.lockoutId, subject: 'recovery_codes' },
          { when: 'locked', job: 'announce-lockout' },
        ),
      ]),
    ]);
    if (!charged) throw await this.explain(caller, challengeId, null);
    if (!charged.ok) throw refuseCode(policy, 'recovery_codes', 'wrong', leftAfter(row, charged, policy));
    const proof = this.proof(caller, row, null, amrOf('recovery_code'));
    const left = charged.codesLeft ?? 0;
    const known = { ...row, codesInForce: row.codesInForce && { ...row.codesInForce, left } };
    return { status: 'approved', proof, recoveryCodesLeft: left, advice: adviceFor(known, policy, caller.language) };
  }

  private deviceEvents(row: DeviceRead & { deviceId: string }, charge: Charge, amr: string[]): NewEvent[] {
    const { deviceId, method } = row;
    const ended = challengeFacts(row.challengeId, row.purpose, row.application);
    const facts = { ...ended, deviceId, method };
    return [
      // A right code is approved, or somebody was first with it.
      charge.match
        ? event('challenge.approved', { ...facts, amr }, { when: 'approved' })
        : event('challenge.rejected', facts, { when: 'rejected', job: 'examine-rejection' }),
      event('challenge.replayed', facts, { when: 'replayed', job: 'examine-rejection' }),
      event('challenge.max_attempts_reached', ended, { when: 'exhausted' }),
      event(
        'lockout.started',
        { lockoutId: charge.lockoutId, subject: 'device', deviceId },
        { when: 'locked', job: 'announce-lockout' },
      ),
      event('device.disabled', { deviceId, method }, { when: 'disabled' }),
    ];
  }

  private context(caller: Caller, row: ChallengeRow) {
    const { accountId, userId, userRef } = row;
    return { tenantId: caller.tenantId, accountId, userId, userRef, requestId: caller.requestId };
  }

  private proof(caller: Caller, row: ChallengeRow, deviceId: string | null, amr: string[]): string {
    const { tenantId } = caller;
    const { accountId, userId, purpose, challengeId } = row;
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    return this.proofs.sign({ tenantId, accountId, userId, purpose, challengeId, deviceId, amr, detail }, row.now);
  }

  /** Why the charging statement found nothing to charge. Says neither right nor wrong. */
  private async explain(caller: Caller, challengeId: string, deviceId: string | null): Promise<Problem> {
    const values = [challengeId, caller.tenantId];
    const row =
      deviceId === null
        ? await this.database.one<RecoveryRead>(readRecovery, values)
        : await this.database.one<DeviceRead>(readDevices, [...values, deviceId]);
    const policy = assertPending(row);
    if (row && 'deviceStatus' in row) {
      // Removed meanwhile.
      if (row.deviceId === null) return noSuchDevice();
      if (row.deviceStatus === 'disabled') return refuseDisabled(policy);
    }
    if (row?.lockedUntil && row.now < row.lockedUntil) return refuseLocked(policy, row.lockedUntil, row.now);
    return refusal(policy, 'locked', { retryAfter: 1 });
  }
}

/**
 * The policy of a challenge that can still be checked.
 * @throws {Problem} `not_found`, `challenge_not_pending`, `challenge_expired`, `unavailable`
 */
function assertPending(row: ChallengeRow | undefined): PolicyInForce {
  if (!row) throw new Problem('not_found', { detail: 'There is no such challenge.' });
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

/** @throws {Problem} where the device is unknown, unproven, locked, disabled, or has to be named */
function chooseDevice<Row extends DeviceRead>(
  rows: readonly Row[],
  deviceId: string | null,
  policy: Policy,
): Row & { deviceId: string } {
  const known = rows.filter(
    (row): row is Row & { deviceId: string } =>
      row.deviceId !== null && (deviceId === null || row.deviceId === deviceId),
  );
  const usable = known.filter((row) => row.deviceStatus === 'verified');
  const candidates = deviceId === null ? usable : known;
  const [row] = candidates;
  if (candidates.length > 1) throw invalidRequest('/deviceId', 'is needed: the user has several devices');
  if (!row) {
    throw deviceId === null
      ? invalidRequest('/code', 'can not be checked: the user has no usable device; a recovery code can')
      : noSuchDevice();
  }
  if (row.deviceStatus === 'unverified') throw refusal(policy, 'device_not_verified');
  if (row.deviceStatus === 'disabled') throw refuseDisabled(policy);
  if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
  return row;
}

/** How many more checks there are: of the challenge, or before the subject locks, whichever is fewer. */
function leftAfter(row: ChallengeRow, charged: Charged, policy: Policy) {
  const beforeLock = Math.max(0, policy.lockout.free - charged.wrong);
  const attemptsLeft = charged.lockedUntil ? 0 : Math.min(row.maxChecks - charged.checks, beforeLock);
  return { attemptsLeft, ...(charged.lockedUntil ? { lockedUntil: charged.lockedUntil.toISOString() } : {}) };
}
