import { Injectable } from '@nestjs/common';
import { invalidRequest, Problem, type Method, type Policy } from '#contracts';
import {
  lockSchedule,
  recoveryCodeMayApprove,
  verify,
  type Authenticator,
  type Purpose,
  type Verdict,
} from '#auth-core';
import { appendEvents, Database, event, eventsParameter, Sealer, statement, type NewEvent } from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceColumn, adviceFor, type AdviceFacts } from '../advice/advice.js';
import type { Caller } from '../http/caller.js';
import { id } from '../http/schemas.js';
import { Pepper } from '../pepper.js';
import { refusal } from '../policy/refusal.js';
import { Proofs } from '../proofs/proofs.js';
import { liveCodes } from '../recovery-codes/live-codes.js';
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
import { refuseCode, refuseDisabled, refuseLocked, type Refused } from '../verification/refuse-code.js';

const code = z.string().min(1).max(64);

export const verifyChallengeBody = z
  .strictObject({
    code: code.optional().meta({ description: 'Six digits, or eight where an imported seed has so many' }),
    deviceId: id('dev').optional().meta({ description: 'May be left out with only one usable device' }),
    recoveryCode: code.optional(),
  })
  .superRefine(({ code: entered, deviceId, recoveryCode }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (entered === undefined && recoveryCode === undefined) fault('code', 'is needed, or a recoveryCode');
    if (entered !== undefined && recoveryCode !== undefined) fault('recoveryCode', 'can not stand beside a code');
    if (deviceId !== undefined && recoveryCode !== undefined) fault('deviceId', 'does not go with a recoveryCode');
  });
export type VerifyChallenge = z.infer<typeof verifyChallengeBody>;

export const verifyChallengeAnswer = z.object({
  status: z.literal('approved'),
  proof: z.string().meta({ description: 'JWT (EdDSA), five minutes; keys at /.well-known/jwks.json' }),
  recoveryCodesLeft: z.int().optional(),
  advice: adviceAnswer,
});
export type VerifyChallengeAnswer = z.infer<typeof verifyChallengeAnswer>;

const challengeColumns = `
  c.id as "challengeId", c.status as "challengeStatus", c.purpose, c.application, c.expires_at as "challengeExpiresAt",
  c.checks, c.max_checks as "maxChecks", c.detail_sealed as "detailSealed",
  t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", a.external_id as "accountId",
  u.locale as "userLocale", a.locale as "accountLocale",
  u.external_id as "userId", u.id as "userRef", clock_timestamp() as now, ${adviceColumn('u.id')}`;

const challengeFrom = `
  from challenge c join app_user u on u.id = c.user_id join account a on a.id = u.account_id
  join tenant t on t.id = c.tenant_id`;

const readDevices = statement(
  'challenge.verify-read',
  `select ${challengeColumns},
     d.id as "deviceId", d.method, d.status as "deviceStatus", d.secret_sealed as "secretSealed",
     d.totp_algorithm as algorithm, d.totp_digits as digits, d.totp_period as period,
     d.last_used_step as "lastUsedStep", d.locked_until as "lockedUntil", d.wrong_codes as "wrongCodes",
     k.id as "codeId", k.expires_at as "codeExpiresAt", k.consumed_at is not null as "codeConsumed"
   ${challengeFrom}
   left join device d on d.user_id = c.user_id and ($3::text is null or d.id = $3)
     and (c.device_id is null or d.id = c.device_id)
   left join code k on k.subject_id = c.id and k.device_id = d.id
   where c.id = $1 and c.tenant_id = $2`,
);

const readRecovery = statement(
  'challenge.recover-read',
  `select ${challengeColumns}, p.user_id is not null as "hasCodes", p.locked_until as "lockedUntil",
     ${liveCodes('array_agg(r.mac)', 'c.user_id')} as macs
   ${challengeFrom}
   left join recovery_pool p on p.user_id = c.user_id and p.enrolment_device_id is null
   where c.id = $1 and c.tenant_id = $2`,
);

const chargeByDevice = statement(
  'challenge.verify-charge',
  `with d as (
     select id, user_id, wrong_codes, last_used_step from device
     where id = $2 and status = 'verified' and (locked_until is null or locked_until <= now())
     for update
   ), ${chargeableChallenge('$1', 'd')},
   k as (
     update code set consumed_at = now()
     where $3 and id = $5 and subject_id = $1 and device_id = $2 and consumed_at is null and expires_at > now()
       and exists (select from c)
     returning 1
   ),
   verdict as (
     select d.id as device_id, d.user_id, c.id as challenge_id, c.checks, c.max_checks, d.wrong_codes + 1 as wrong,
       $3 and case when $4::bigint is null then exists (select from k)
                   else d.last_used_step is null or d.last_used_step < $4 end as ok
     from d, c
   ), ${consequence('$6', true)}, ${chargeDevice('$4')}, ${chargeChallenge('o.device_id')},
   ${recordLockout('$7', '$8', 'user_id', 'device', 'device_id')},
   guard as (
     select array_remove(array[
         case when ok then 'approved' when $3 or $9 then 'replayed' else 'rejected' end,
         case when not ok and checks >= max_checks then 'exhausted' end,
         case when locks then 'locked' end,
         case when disables then 'disabled' end], null) as outcomes,
       jsonb_build_object(${lockoutPatch}) as patch
     from outcome
   ), ${appendEvents('$10', 'guard')}
   select ok, wrong, checks, locked_until as "lockedUntil" from outcome`,
);

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
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
  readonly accountId: string;
  readonly userId: string;
  readonly userRef: string;
  readonly now: Date;
  readonly adviceFacts: AdviceFacts;
}

interface DeviceRead extends ChallengeRow {
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

interface RecoveryRead extends ChallengeRow {
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
      ? this.byDevice(caller, challengeId, body.code ?? '', body.deviceId ?? null)
      : this.byRecoveryCode(caller, challengeId, body.recoveryCode);
  }

  private async byDevice(
    caller: Caller,
    challengeId: string,
    input: string,
    deviceId: string | null,
  ): Promise<VerifyChallengeAnswer> {
    const rows = await this.database.query<DeviceRead>(readDevices, [challengeId, caller.tenantId, deviceId]);
    const policy = assertPending(rows[0]);
    const row = chooseDevice(rows, deviceId, policy);
    const authenticator = authenticatorOf(this.sealer, caller.tenantId, row, policy);
    const verdict = verify(authenticator, input, row.now, this.pepper.key);
    const charge = chargeOf(verdict);
    const charged = await this.database.one<Charged>(chargeByDevice, [
      challengeId,
      row.deviceId,
      charge.match,
      charge.step,
      row.codeId,
      lockSchedule(policy.lockout),
      charge.lockoutId,
      caller.tenantId,
      verdict.result === 'replayed',
      eventsParameter(this.context(caller, row), this.deviceEvents(row, charge)),
    ]);
    if (!charged) throw await this.explain(caller, challengeId, row.deviceId);
    if (!charged.ok) {
      const result: Refused = verdict.result === 'match' ? 'replayed' : verdict.result;
      throw refuseCode(policy, authenticator.kind, result, leftAfter(row, charged, policy));
    }
    const advice = adviceFor(row.adviceFacts, policy, caller.language, { ...row, verdict });
    return { status: 'approved', proof: await this.proof(caller, row, row.deviceId, amrOf(row.method)), advice };
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
    const proof = await this.proof(caller, row, null, amrOf('recovery_code'));
    const left = charged.codesLeft ?? 0;
    const { devices, recoveryCodes } = row.adviceFacts;
    const known = { devices, recoveryCodes: recoveryCodes && { ...recoveryCodes, left } };
    return { status: 'approved', proof, recoveryCodesLeft: left, advice: adviceFor(known, policy, caller.language) };
  }

  private deviceEvents(row: DeviceRead & { deviceId: string }, charge: Charge): NewEvent[] {
    const { deviceId, method } = row;
    const ended = challengeFacts(row.challengeId, row.purpose, row.application);
    const facts = { ...ended, deviceId, method };
    return [
      event('challenge.approved', { ...facts, amr: amrOf(method) }, { when: 'approved' }),
      event('challenge.rejected', facts, { when: 'rejected', job: 'examine-rejection' }),
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

  private async proof(caller: Caller, row: ChallengeRow, deviceId: string | null, amr: string[]): Promise<string> {
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

/** @throws {Problem} where the device is unknown, unproven, locked, disabled, or has to be named */
function chooseDevice(rows: DeviceRead[], deviceId: string | null, policy: Policy): DeviceRead & { deviceId: string } {
  const known = rows.filter((row): row is DeviceRead & { deviceId: string } => row.deviceId !== null);
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
