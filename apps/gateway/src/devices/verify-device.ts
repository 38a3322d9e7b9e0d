import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem, type Policy } from '#contracts';
import {
  lockSchedule,
  newRecoveryCodes,
  recoveryCodeMac,
  systemRandom,
  verifyPasskeyRegistration,
  type NewPasskey,
  type Purpose,
} from '#auth-core';
import { appendEvents, Database, event, eventsParameter, Sealer, statement } from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceColumns, adviceFor, type AdviceFacts } from '../advice/advice.js';
import { Pepper } from '../codes/pepper.js';
import { SendCode } from '../codes/send-code.js';
import { countAnswered } from '../codes/sending-limits.js';
import { isOwn, serves, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { deviceCode, id } from '../http/schemas.js';
import { authority } from '../proofs/authority.js';
import { Proofs } from '../proofs/proofs.js';
import { admits, openAddress, type DeviceRow } from '../rows/device-row.js';
import { assertClock, effectivePolicy, userColumns, UserContext, type UserRow } from '../rows/user-row.js';
import { AddressGuesses } from '../verification/address-guesses.js';
import { authenticatorOf, verifyCode } from '../verification/authenticator.js';
import {
  amrOf,
  challengeFacts,
  chargeOf,
  consequence,
  countGuess,
  lockGuesses,
  lockoutPatch,
  recordLockout,
} from '../verification/charge.js';
import { registrationResponse, relyingParty } from '../verification/passkey.js';
import { refuseCounted, refuseDisabled, refuseLocked } from '../verification/refuse-code.js';
import { ChangePhone } from './change-phone.js';
import { deviceAnswer, deviceColumns, viewDevice, zoneExpression } from './device-view.js';
import {
  assertFits,
  fits,
  fitsValues,
  lockOwner,
  otherDevices,
  prepared,
  provedEvents,
  provedOutcomes,
  replacesDefault,
  settleProved,
  unprotected,
  type OtherDevice,
} from './proved-device.js';

export const verifyDeviceBody = z
  .strictObject({
    code: deviceCode.optional(),
    webauthn: registrationResponse.optional(),
    challengeId: id('chl')
      .optional()
      .meta({ description: 'Challenge of an `enroll` decision, approved by this enrolment' }),
  })
  .superRefine(({ code, webauthn }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (code === undefined && webauthn === undefined) fault('code', 'is needed, or the answer of a passkey');
    if (code !== undefined && webauthn !== undefined) fault('webauthn', 'can not stand beside a code');
  });
export type VerifyDevice = z.infer<typeof verifyDeviceBody>;

export const verifyDeviceAnswer = deviceAnswer
  .extend({
    recoveryCodes: z.array(z.string()).optional().meta({ description: 'Shown this once, with the first device' }),
    proof: z.string().optional().meta({ description: 'Of the challenge that it approved' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'VerifiedDevice' });
export type VerifyDeviceAnswer = z.infer<typeof verifyDeviceAnswer>;

const readEnrolment = statement(
  'device.verify-read',
  `select ${userColumns}, ${deviceColumns(zoneExpression)},
     d.secret_sealed as "secretSealed", d.totp_algorithm as algorithm, d.totp_digits as digits, d.totp_period as period,
     d.last_used_step as "lastUsedStep", ${adviceColumns('u.id')},
     k.id as "codeId", k.expires_at as "codeExpiresAt", k.consumed_at is not null as "codeConsumed",
     c.id as "challengeId", c.status as "challengeStatus", c.expires_at as "challengeExpiresAt", c.purpose, c.application,
     c.detail_sealed as "detailSealed",
     d.replaces_device_id as "replacesDeviceId", d.approval_id as "approvalId", ${otherDevices('d.id')} as others,
     p.enrolment_device_id = d.id as "codesShown", p.acknowledged_at as "acknowledgedAt"
   from device d join app_user u on u.id = d.user_id join account a on a.id = u.account_id
   join tenant t on t.id = u.tenant_id
   left join code k on k.subject_id = coalesce(d.pending_id, d.id) and k.device_id = d.id
   left join challenge c on c.id = $3 and c.user_id = d.user_id and c.enroll and ${admits('d', 'c.application')}
   left join recovery_pool p on p.user_id = d.user_id
   where d.id = $1 and d.tenant_id = $2`,
);

const chargeEnrolment = statement(
  'device.verify-charge',
  `with ${lockOwner('$2')}, ${lockGuesses('$18', 'mine')},
   ${authority('granted', { approval: '(select approval_id from device where id = $1)', user: '$2', methods: '$17::jsonb' })},
   proving as (
     select d.*, u.enrolled_at is null as first, ${replacesDefault('d')} as replaces_default
     from u, seen, mine d, guessable
     where d.id = $1 and d.status = 'unverified' and d.enrolment_expires_at > now()
       -- Begun before the first device was proved, so without a proof: ended by it, even where it was begun too late
       -- for that statement to see it.
       and (u.enrolled_at is null or d.created_at > u.enrolled_at)
       and (exists (select from granted) or d.approval_id is null and ${unprotected('d')})
       and (d.locked_until is null or d.locked_until <= now())
       and ${fits('d', '$14', '$15')} and ${prepared('$12')}
   ),
   -- The codes that the enrolment showed, if those have to be saved before the user's first device counts.
   saved as (
     select p.user_id from proving, recovery_pool p
     where $13 and proving.first and p.user_id = proving.user_id and p.enrolment_device_id = proving.id
       and p.acknowledged_at is not null
     for update of p
   ),
   d as (select * from proving where not ($13 and first) or exists (select from saved)),
   k as (
     update code set consumed_at = now()
     where $3 and id = $5 and subject_id = $1 and device_id = $1 and consumed_at is null and expires_at > now()
       and exists (select from d)
     returning sends, last_sent_at
   ), ${countAnswered('$19')},
   -- Whoever has the credential already, it stays theirs (WebAuthn L3 §7.1 step 26).
   w as (
     insert into webauthn_credential
       (device_id, tenant_id, credential_id, public_key, sign_count, transports, backup_eligible, backed_up, aaguid)
     select d.id, $8, p."credentialId", decode(p."publicKey", 'base64'), p."signCount", p.transports,
       p."backupEligible", p."backedUp", p.aaguid
     from d, jsonb_to_record($16::jsonb) as p(
       "credentialId" text, "publicKey" text, "signCount" bigint, transports text[], "backupEligible" boolean,
       "backedUp" boolean, aaguid text)
     where $3 and $16::jsonb is not null
     on conflict (tenant_id, credential_id) do nothing
     returning 1
   ),
   verdict as (
     select d.id as device_id, d.user_id, d.first, d.replaces_device_id, d.replaces_default, d.wrong_codes + 1 as wrong,
       $3 and case when $16::jsonb is not null then exists (select from w)
                   when $4::bigint is null then exists (select from k)
                   else d.last_used_step is null or d.last_used_step < $4 end as ok
     from d
   ), ${consequence('$6')}, ${countGuess('$18', '$6')},
   device_row as (
     update device d set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       locked_until = o.locked_until,
       last_used_step = case when o.ok then coalesce($4::bigint, d.last_used_step) else d.last_used_step end,
       status = case when o.ok then 'verified' when o.disables then 'disabled' else d.status end,
       verified_at = case when o.ok then o.at end,
       is_default = o.ok and (o.first or o.replaces_default)
     from outcome o where d.id = o.device_id
     returning d.verified_at, d.is_default
   ), ${recordLockout('$7', '$8', 'user_id', 'device', 'device_id')},
   ${settleProved('$9', '$12')},
   saved_row as (
     update recovery_pool p set enrolment_device_id = null, wrong_codes = 0
     from outcome o, saved where o.ok and p.user_id = saved.user_id
   ),
   challenge_row as (
     update challenge c set status = 'approved', ended_at = o.at, approved_device_id = o.device_id
     from outcome o
     where c.id = $10 and c.user_id = o.user_id and c.enroll and c.status = 'pending' and c.expires_at > now() and o.ok
     returning c.id
   ),
   guard as (
     select array_remove(array[
         ${provedOutcomes('$9')},
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

interface EnrolmentRead extends UserRow, DeviceRow, AdviceFacts {
  readonly secretSealed: Buffer | null;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly period: number;
  readonly lastUsedStep: number | null;
  readonly codeId: string | null;
  readonly codeExpiresAt: Date;
  readonly codeConsumed: boolean;
  readonly challengeId: string | null;
  readonly challengeStatus: string;
  readonly challengeExpiresAt: Date;
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly detailSealed: Buffer | null;
  readonly replacesDeviceId: string | null;
  /** The challenge whose proof let it begin; null where none was needed. */
  readonly approvalId: string | null;
  readonly others: readonly OtherDevice[];
  /** Whether the recovery codes at hand are those that this enrolment showed. */
  readonly codesShown: boolean | null;
  readonly acknowledgedAt: Date | null;
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
    private readonly phones: ChangePhone,
    private readonly codes: SendCode,
    private readonly guesses: AddressGuesses,
  ) {}

  /** @param again whether it may look once more, where the rows have changed since it looked */
  async run(caller: Caller, deviceId: string, body: VerifyDevice, again = true): Promise<VerifyDeviceAnswer> {
    const row = await this.read(caller, deviceId, body.challengeId);
    if (row.status === 'verified' && row.pendingId !== null && body.challengeId === undefined) {
      if (body.code === undefined) throw notAPasskey();
      const changed = await this.phones.prove(caller, row, body.code);
      return { ...changed, advice: adviceFor(row, effectivePolicy(row), caller.language) };
    }
    const policy = assertVerifiable(row, body.challengeId);
    const { kind, verdict, passkey } = await this.check(caller, row, policy, body);
    const charge = chargeOf(verdict);
    const sentTo = this.sentTo(row);
    const guessKey = sentTo && this.codes.guessKey(row, sentTo.method, sentTo.address);
    const amr = amrOf(row.method, passkey?.userVerified);
    const toSave = savesFirst(row, policy);
    const recoveryCodes =
      row.enrolledAt === null && !toSave ? newRecoveryCodes(policy.recoveryCodes.count, systemRandom) : [];
    const replaced = row.others.find((other) => other.deviceId === row.replacesDeviceId) ?? null;
    const facts = { deviceId, method: row.method };
    const events = [
      event('device.verified', facts, { when: 'verified', personal: { deviceName: row.name } }),
      ...provedEvents(recoveryCodes.length, replaced),
      event(
        'lockout.started',
        { lockoutId: charge.lockoutId, subject: 'device', deviceId },
        { when: 'locked', job: 'announce-lockout' },
      ),
      event('device.disabled', facts, { when: 'disabled' }),
      event(
        'challenge.approved',
        { ...challengeFacts(row.challengeId ?? '', row.purpose, row.application), ...facts, amr },
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
      row.enrolledAt === null ? newId('recoverySet') : null,
      toSave,
      ...fitsValues(policy),
      passkey && passkeyParameter(passkey),
      JSON.stringify(policy.methods.allowed),
      guessKey,
      sentTo === null ? [] : this.codes.answeredKeys(row, policy, sentTo.method, sentTo.address),
    ]);
    // Nothing was charged, so nothing may be said of the code: look again at what has changed.
    if (!charged && guessKey) await this.guesses.assertOpen(guessKey, policy);
    if (!charged && again) return this.run(caller, deviceId, body, false);
    if (!charged) throw refusal(policy, 'locked', { retryAfter: 1 });
    if (!charged.ok) {
      const result = verdict.result === 'match' ? 'replayed' : verdict.result;
      throw refuseCounted(policy, kind, result, charged, row.now);
    }
    const { verifiedAt, isDefault } = charged;
    const view = viewDevice(this.sealer, row, policy, {
      ...row,
      status: 'verified',
      verifiedAt,
      isDefault,
      passkey,
    });
    const shown = charged.first && recoveryCodes.length > 0 ? { recoveryCodes } : {};
    const known = {
      verifiedDevices: [...row.verifiedDevices, { method: row.method, backedUp: passkey?.backedUp ?? null }],
      // Codes that this very answer shows, or that were saved before it, need no advice yet.
      codesInForce: charged.first ? { left: policy.recoveryCodes.count, acknowledged: true } : row.codesInForce,
    };
    const advice = adviceFor(known, policy, caller.language, { ...row, verdict });
    return { ...view, ...shown, ...(charged.approved ? { proof: this.proof(row, amr) } : {}), advice };
  }

  /** Looks at the answer; what it is worth is decided by the statement that charges it. */
  private async check(caller: Caller, row: EnrolmentRead, policy: Policy, { code, webauthn }: VerifyDevice) {
    if (row.method !== 'webauthn') {
      if (code === undefined) throw notAPasskey();
      const authenticator = authenticatorOf(this.sealer, row.tenantId, row, policy);
      const verdict = verifyCode(authenticator, code, row.now, this.pepper.key);
      return { kind: authenticator.kind, verdict, passkey: null };
    }
    if (webauthn === undefined) throw invalidRequest('/code', 'does not fit this device: it is a passkey');
    const party = relyingParty(policy, caller.application);
    const verdict = await verifyPasskeyRegistration(party, this.pepper.key, row.deviceId, webauthn);
    const passkey = verdict.result === 'match' ? verdict.passkey : null;
    return { kind: 'new_passkey', verdict, passkey } as const;
  }

  /** Where the code went, for a device that gets codes by message. */
  private sentTo(row: EnrolmentRead): { method: 'sms' | 'email'; address: string } | null {
    const { method } = row;
    const address = openAddress(this.sealer, row.tenantId, row);
    return address !== null && (method === 'sms' || method === 'email') ? { method, address } : null;
  }

  private async read(caller: Caller, deviceId: string, challengeId: string | undefined): Promise<EnrolmentRead> {
    const values = [deviceId, caller.tenantId, challengeId ?? null];
    const row = await this.database.one<EnrolmentRead>(readEnrolment, values);
    if (!row || !serves(caller, row.applications)) throw noSuchDevice();
    // As if there were none.
    return row.challengeId !== null && !isOwn(caller, row.application) ? { ...row, challengeId: null } : row;
  }

  private proof(row: EnrolmentRead, amr: string[]): string {
    const { tenantId, accountId, userId, purpose, application, deviceId } = row;
    const challengeId = row.challengeId ?? '';
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    const claims = { tenantId, accountId, userId, purpose, challengeId, application, deviceId, amr, detail };
    return this.proofs.sign(claims, row.now);
  }
}

/** Whether recovery codes have to be saved before this device counts: the order of some panels. */
function savesFirst(row: EnrolmentRead, policy: Policy): boolean {
  return row.enrolledAt === null && policy.recoveryCodes.acknowledgementRequired && policy.recoveryCodes.count > 0;
}

function passkeyParameter({ publicKey, userVerified: _, ...passkey }: NewPasskey): string {
  return JSON.stringify({ ...passkey, publicKey: Buffer.from(publicKey).toString('base64') });
}

function notAPasskey(): Problem {
  return invalidRequest('/webauthn', 'does not fit this device: it takes a code');
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
  const begun = row.approvalId === null && row.others.some((other) => other.status !== 'unverified');
  if (row.enrolledAt && (begun || row.deviceCreatedAt <= row.enrolledAt)) throw noSuchDevice();
  assertFits(policy, row.others, row.method, row.replacesDeviceId);
  if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
  if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
  if (savesFirst(row, policy) && row.codesShown !== true) {
    throw refusal(policy, 'recovery_codes_not_acknowledged', {
      detail: 'The recovery codes of this enrolment are not in force any more. Add the device again.',
    });
  }
  if (savesFirst(row, policy) && row.acknowledgedAt === null) throw refusal(policy, 'recovery_codes_not_acknowledged');
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
