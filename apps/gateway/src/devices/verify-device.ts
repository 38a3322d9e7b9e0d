import { Injectable } from '@nestjs/common';
import { newId, Problem, type Policy } from '#contracts';
import { lockSchedule, newRecoveryCodes, recoveryCodeMac, systemRandom, verify, type Purpose } from '#auth-core';
import { appendEvents, Database, event, eventsParameter, Sealer, statement } from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceColumn, adviceFor, type AdviceFacts } from '../advice/advice.js';
import type { Caller } from '../http/caller.js';
import { id } from '../http/schemas.js';
import { Pepper } from '../pepper.js';
import { refusal } from '../policy/refusal.js';
import { Proofs } from '../proofs/proofs.js';
import { assertClock, effectivePolicy, userColumns, UserContext, type UserRow } from '../users/user-context.js';
import { authenticatorOf } from '../verification/authenticator.js';
import { amrOf, challengeFacts, chargeOf, consequence, lockoutPatch, recordLockout } from '../verification/charge.js';
import { refuseCode, refuseDisabled, refuseLocked } from '../verification/refuse-code.js';
import { deviceAnswer, deviceColumns, viewDevice, zoneExpression, type DeviceRow } from './device-view.js';

export const verifyDeviceBody = z.strictObject({
  code: z.string().min(1).max(64),
  challengeId: id('chl')
    .optional()
    .meta({ description: 'Challenge of an `enroll` decision, approved by this enrolment' }),
});
export type VerifyDevice = z.infer<typeof verifyDeviceBody>;

export const verifyDeviceAnswer = deviceAnswer.extend({
  recoveryCodes: z.array(z.string()).optional().meta({ description: 'Shown this once, with the first device' }),
  proof: z.string().optional().meta({ description: 'Of the challenge that it approved' }),
  advice: adviceAnswer,
});
export type VerifyDeviceAnswer = z.infer<typeof verifyDeviceAnswer>;

const readEnrolment = statement(
  'device.verify-read',
  `select ${userColumns}, ${deviceColumns(zoneExpression)},
     d.secret_sealed as "secretSealed", d.totp_algorithm as algorithm, d.totp_digits as digits, d.totp_period as period,
     d.last_used_step as "lastUsedStep", ${adviceColumn('u.id')},
     k.id as "codeId", k.expires_at as "codeExpiresAt", k.consumed_at is not null as "codeConsumed",
     c.id as "challengeId", c.status as "challengeStatus", c.expires_at as "challengeExpiresAt", c.purpose, c.application,
     c.detail_sealed as "detailSealed"
   from device d join app_user u on u.id = d.user_id join account a on a.id = u.account_id
   join tenant t on t.id = u.tenant_id
   left join code k on k.subject_id = d.id and k.device_id = d.id
   left join challenge c on c.id = $3 and c.user_id = d.user_id and c.enroll
   where d.id = $1 and d.tenant_id = $2`,
);

const chargeEnrolment = statement(
  'device.verify-charge',
  `with u as (
     select id, enrolled_at from app_user where id = $2 for no key update
   ),
   d as (
     select d.id, d.wrong_codes, d.last_used_step, d.user_id, u.enrolled_at is null as first
     from u, device d
     where d.id = $1 and d.user_id = u.id and d.status = 'unverified' and d.enrolment_expires_at > now()
       -- Begun before the first device was proved, so without a proof: ended by it, even where it was begun too late
       -- for that statement to see it.
       and (u.enrolled_at is null or d.created_at > u.enrolled_at)
       and (d.locked_until is null or d.locked_until <= now())
     for update of d
   ),
   k as (
     update code set consumed_at = now()
     where $3 and id = $5 and subject_id = $1 and device_id = $1 and consumed_at is null and expires_at > now()
       and exists (select from d)
     returning 1
   ),
   verdict as (
     select d.id as device_id, d.user_id, d.first, d.wrong_codes + 1 as wrong,
       $3 and case when $4::bigint is null then exists (select from k)
                   else d.last_used_step is null or d.last_used_step < $4 end as ok
     from d
   ), ${consequence('$6', true)},
   device_row as (
     update device d set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       locked_until = o.locked_until,
       last_used_step = case when o.ok then coalesce($4::bigint, d.last_used_step) else d.last_used_step end,
       status = case when o.ok then 'verified' when o.disables then 'disabled' else d.status end,
       verified_at = case when o.ok then o.at end,
       is_default = o.ok and o.first
     from outcome o where d.id = o.device_id
     returning d.verified_at, d.is_default
   ), ${recordLockout('$7', '$8', 'user_id', 'device', 'device_id')},
   user_row as (
     update app_user u set two_factor_since = coalesce(u.two_factor_since, o.at), enrolled_at = o.at
     from outcome o where u.id = o.user_id and o.ok and o.first
   ),
   other_row as (
     delete from device x using outcome o
     where x.user_id = o.user_id and x.status = 'unverified' and x.id <> o.device_id and o.ok and o.first
   ),
   pool_row as (
     insert into recovery_pool (user_id, set_id)
     select user_id, $12 from outcome where ok and first and cardinality($9::bytea[]) > 0
     on conflict (user_id) do update set
       set_id = excluded.set_id, generated_at = now(), acknowledged_at = null, enrolment_device_id = null, wrong_codes = 0, locked_until = null
   ),
   recovery_row as (
     insert into recovery_code (user_id, mac, set_id)
     select user_id, unnest($9::bytea[]), $12 from outcome where ok and first
   ),
   challenge_row as (
     update challenge c set status = 'approved', ended_at = o.at, approved_device_id = o.device_id
     from outcome o
     where c.id = $10 and c.user_id = o.user_id and c.enroll and c.status = 'pending' and c.expires_at > now() and o.ok
     returning c.id
   ),
   guard as (
     select array_remove(array[
         case when ok then 'verified' end,
         case when ok and first then 'first' end,
         case when ok and first and cardinality($9::bytea[]) > 0 then 'recovery' end,
         case when exists (select from challenge_row) then 'approved' end,
         case when locks then 'locked' end,
         case when disables then 'disabled' end], null) as outcomes,
       jsonb_build_object(${lockoutPatch}) as patch
     from outcome
   ), ${appendEvents('$11', 'guard')}
   select o.ok, o.first, o.wrong, o.locked_until as "lockedUntil", r.verified_at as "verifiedAt",
     r.is_default as "isDefault", exists (select from challenge_row) as approved
   from outcome o, device_row r`,
);

interface EnrolmentRead extends UserRow, DeviceRow {
  readonly secretSealed: Buffer | null;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly period: number;
  readonly lastUsedStep: number | null;
  readonly adviceFacts: AdviceFacts;
  readonly codeId: string | null;
  readonly codeExpiresAt: Date;
  readonly codeConsumed: boolean;
  readonly challengeId: string | null;
  readonly challengeStatus: string;
  readonly challengeExpiresAt: Date;
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly detailSealed: Buffer | null;
}

interface Charged {
  readonly ok: boolean;
  readonly first: boolean;
  readonly wrong: number;
  readonly lockedUntil: Date | null;
  readonly verifiedAt: Date | null;
  readonly isDefault: boolean;
  readonly approved: boolean;
}

/**
 * Proves a new device by a code. The user's first one switches two-factor authentication on, brings the recovery
 * codes, and ends the user's other enrolments.
 */
@Injectable()
export class VerifyDevices {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
  ) {}

  async run(caller: Caller, deviceId: string, body: VerifyDevice): Promise<VerifyDeviceAnswer> {
    const row = await this.read(caller, deviceId, body.challengeId);
    const policy = assertVerifiable(row, body.challengeId);
    const authenticator = authenticatorOf(this.sealer, row.tenantId, row, policy);
    const verdict = verify(authenticator, body.code, row.now, this.pepper.key);
    const charge = chargeOf(verdict);
    const recoveryCodes = row.enrolledAt === null ? newRecoveryCodes(policy.recoveryCodes.count, systemRandom) : [];
    const facts = { deviceId, method: row.method };
    const events = [
      event('device.verified', facts, { when: 'verified', personal: { deviceName: row.name } }),
      event('two_factor.enabled', {}, { when: 'first' }),
      event('recovery_codes.generated', { count: recoveryCodes.length }, { when: 'recovery' }),
      event(
        'lockout.started',
        { lockoutId: charge.lockoutId, subject: 'device', deviceId },
        { when: 'locked', job: 'announce-lockout' },
      ),
      event('device.disabled', facts, { when: 'disabled' }),
      event(
        'challenge.approved',
        { ...challengeFacts(row.challengeId ?? '', row.purpose, row.application), ...facts, amr: amrOf(row.method) },
        { when: 'approved' },
      ),
    ];
    const charged = await this.database.one<Charged>(chargeEnrolment, [
      deviceId,
      row.userRef,
      charge.match,
      charge.step,
      row.codeId,
      lockSchedule(policy.lockout),
      charge.lockoutId,
      row.tenantId,
      recoveryCodes.map((code) => recoveryCodeMac(this.pepper.key, row.userRef, code)),
      row.challengeId,
      eventsParameter(this.users.events(caller, row), events),
      newId('recoverySet'),
    ]);
    if (!charged) throw await this.explain(caller, deviceId, body.challengeId);
    if (!charged.ok) {
      const attemptsLeft = charged.lockedUntil ? 0 : Math.max(0, policy.lockout.free - charged.wrong);
      const result = verdict.result === 'match' ? 'replayed' : verdict.result;
      throw refuseCode(policy, authenticator.kind, result, {
        attemptsLeft,
        ...(charged.lockedUntil ? { lockedUntil: charged.lockedUntil.toISOString() } : {}),
      });
    }
    const { verifiedAt, isDefault } = charged;
    const view = viewDevice(this.sealer, row, policy, { ...row, status: 'verified', verifiedAt, isDefault });
    const shown = charged.first && recoveryCodes.length > 0 ? { recoveryCodes } : {};
    const known = {
      devices: [...row.adviceFacts.devices, { method: row.method }],
      // Codes that this very answer shows need no advice yet.
      recoveryCodes: charged.first ? null : row.adviceFacts.recoveryCodes,
    };
    const advice = adviceFor(known, policy, caller.language, { ...row, verdict });
    return { ...view, ...shown, ...(charged.approved ? { proof: await this.proof(row) } : {}), advice };
  }

  private async read(caller: Caller, deviceId: string, challengeId: string | undefined): Promise<EnrolmentRead> {
    const values = [deviceId, caller.tenantId, challengeId ?? null];
    const row = await this.database.one<EnrolmentRead>(readEnrolment, values);
    if (!row) throw noSuchDevice();
    return row;
  }

  private async proof(row: EnrolmentRead): Promise<string> {
    const { tenantId, accountId, userId, purpose, deviceId } = row;
    const challengeId = row.challengeId ?? '';
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    const amr = amrOf(row.method);
    return this.proofs.sign({ tenantId, accountId, userId, purpose, challengeId, deviceId, amr, detail }, row.now);
  }

  /** Why the charging statement found nothing to charge. Says neither right nor wrong. */
  private async explain(caller: Caller, deviceId: string, challengeId: string | undefined): Promise<Problem> {
    const row = await this.read(caller, deviceId, challengeId);
    const policy = assertVerifiable(row, challengeId);
    return refusal(policy, 'locked', { retryAfter: 1 });
  }
}

function noSuchDevice(): Problem {
  return new Problem('not_found', { detail: 'There is no such device.' });
}

/** @throws {Problem} where the device has been verified, is too late, locked or disabled, or the challenge is not its */
function assertVerifiable(row: EnrolmentRead, challengeId: string | undefined): Policy {
  assertClock(row.now);
  const policy = effectivePolicy(row);
  if (row.status === 'verified') throw refusal(policy, 'device_already_verified');
  if (row.status === 'disabled') throw refuseDisabled(policy);
  // Ended by the proof of the user's first device.
  if (row.enrolledAt && row.deviceCreatedAt <= row.enrolledAt) throw noSuchDevice();
  if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
  if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
  if (challengeId !== undefined) {
    if (row.challengeId === null) {
      throw new Problem('not_found', { detail: 'There is no such challenge that an enrolment of this user approves.' });
    }
    if (row.challengeStatus === 'pending' && row.challengeExpiresAt <= row.now)
      throw refusal(policy, 'challenge_expired');
    if (row.challengeStatus === 'expired') throw refusal(policy, 'challenge_expired');
    if (row.challengeStatus !== 'pending') throw refusal(policy, 'challenge_not_pending');
  }
  return policy;
}
