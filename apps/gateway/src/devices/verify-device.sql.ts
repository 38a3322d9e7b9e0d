import type { Method } from '#contracts';
import type { Purpose } from '#auth-core';
import { appendEvents, joinOwnerAndTenant, sql, statement } from '#persistence';
import { adviceColumns, type AdviceFacts } from '../advice/advice.js';
import { countAnswered } from '../codes/sending-limits.js';
import { authority } from '../proofs/authority.js';
import { admits, type DeviceRow } from '../rows/device-row.js';
import { userColumns, type UserRow } from '../rows/user-row.sql.js';
import type { CheckedDevice } from '../verification/authenticator.js';
import {
  consequence,
  countGuess,
  lockGuesses,
  lockoutOutcomes,
  lockoutPatch,
  recordLockout,
} from '../verification/charge.js';
import { deviceColumns, zoneExpression } from './device-columns.sql.js';
import {
  fits,
  lockOwner,
  otherDevices,
  prepared,
  provedOutcomes,
  provedPatch,
  replacesDefault,
  settleProved,
  unprotected,
  type OtherDevice,
} from './proved-device.js';

export const readEnrolment = statement<
  EnrolmentRead,
  { deviceId: string; tenantId: string; challengeId: string | null }
>(
  'device.verify-read',
  ($) => sql`select ${userColumns}, ${deviceColumns(zoneExpression)},
     d.secret_sealed as "secretSealed", d.totp_algorithm as algorithm, d.totp_digits as digits, d.totp_period as period,
     d.last_used_step as "lastUsedStep", ${adviceColumns('u.id')},
     k.id as "codeId", k.expires_at as "codeExpiresAt", k.consumed_at is not null as "codeConsumed",
     c.id as "challengeId", c.status as "challengeStatus", c.expires_at as "challengeExpiresAt", c.purpose, c.application,
     c.detail_sealed as "detailSealed",
     d.replaces_device_id as "replacesDeviceId", d.approval_id as "approvalId", ${otherDevices('d.id')} as others,
     p.enrolment_device_id = d.id as "codesShown", p.acknowledged_at as "acknowledgedAt"
   from device d ${joinOwnerAndTenant('d.user_id')}
   left join code k on k.subject_id = coalesce(d.pending_id, d.id) and k.device_id = d.id
   left join challenge c on c.id = ${$.challengeId} and c.user_id = d.user_id and c.enroll and ${admits('d', 'c.application')}
   left join recovery_pool p on p.user_id = d.user_id
   where d.id = ${$.deviceId} and d.tenant_id = ${$.tenantId}`,
);

export const chargeEnrolment = statement<
  Charged,
  {
    deviceId: string;
    userRef: string;
    right: boolean;
    step: number | null;
    codeId: string | null;
    schedule: readonly number[];
    lockoutId: string;
    tenantId: string;
    codeMacs: readonly Buffer[];
    challengeId: string | null;
    events: string;
    setId: string | null;
    codesFirst: boolean;
    rivals: readonly Method[];
    alone: readonly Method[];
    passkey: string | null;
    methods: string;
    guessKey: Buffer | null;
    answered: readonly Buffer[];
  }
>(
  'device.verify-charge',
  ($) => sql`with ${lockOwner($.userRef)}, ${lockGuesses($.guessKey, 'mine')},
   ${authority('granted', { approval: sql`(select approval_id from device where id = ${$.deviceId})`, user: $.userRef, methods: sql`${$.methods}::jsonb` })},
   proving as (
     select d.*, locked_user.enrolled_at is null as first, ${replacesDefault('d')} as replaces_default
     from locked_user, seen, mine d, guessable
     where d.id = ${$.deviceId} and d.status = 'unverified' and d.enrolment_expires_at > now()
       -- Begun before the first device was proved, so without a proof: ended by it, even where it was begun too late
       -- for that statement to see it.
       and (locked_user.enrolled_at is null or d.created_at > locked_user.enrolled_at)
       and (exists (select from granted) or d.approval_id is null and ${unprotected('d')})
       and (d.locked_until is null or d.locked_until <= now())
       and ${fits('d', $.rivals, $.alone)} and ${prepared($.setId)}
   ),
   -- The codes that the enrolment showed, if those have to be saved before the user's first device counts.
   saved as (
     select p.user_id from proving, recovery_pool p
     where ${$.codesFirst} and proving.first and p.user_id = proving.user_id and p.enrolment_device_id = proving.id
       and p.acknowledged_at is not null
     for update of p
   ),
   enrolment as (select * from proving where not (${$.codesFirst} and first) or exists (select from saved)),
   spent_code as (
     update code set consumed_at = now()
     where ${$.right} and id = ${$.codeId} and subject_id = ${$.deviceId} and device_id = ${$.deviceId} and consumed_at is null and expires_at > now()
       and exists (select from enrolment)
     returning sends, last_sent_at
   ), ${countAnswered($.answered)},
   -- Whoever has the credential already, it stays theirs (WebAuthn L3 §7.1 step 26).
   new_passkey as (
     insert into webauthn_credential
       (device_id, tenant_id, credential_id, public_key, sign_count, transports, backup_eligible, backed_up, aaguid)
     select enrolment.id, ${$.tenantId}, p."credentialId", decode(p."publicKey", 'base64'), p."signCount", p.transports,
       p."backupEligible", p."backedUp", p.aaguid
     from enrolment, jsonb_to_record(${$.passkey}::jsonb) as p(
       "credentialId" text, "publicKey" text, "signCount" bigint, transports text[], "backupEligible" boolean,
       "backedUp" boolean, aaguid text)
     where ${$.right} and ${$.passkey}::jsonb is not null
     on conflict (tenant_id, credential_id) do nothing
     returning 1
   ),
   verdict as (
     select enrolment.id as device_id, enrolment.user_id, enrolment.first, enrolment.replaces_device_id,
       enrolment.replaces_default, enrolment.wrong_codes + 1 as wrong,
       ${$.right} and case when ${$.passkey}::jsonb is not null then exists (select from new_passkey)
                   when ${$.step}::bigint is null then exists (select from spent_code)
                   else enrolment.last_used_step is null or enrolment.last_used_step < ${$.step} end as ok
     from enrolment
   ), ${consequence($.schedule)}, ${countGuess($.guessKey, $.schedule)},
   device_row as (
     update device d set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       locked_until = o.locked_until,
       last_used_step = case when o.ok then coalesce(${$.step}::bigint, d.last_used_step) else d.last_used_step end,
       status = case when o.ok then 'verified' when o.disables then 'disabled' else d.status end,
       verified_at = case when o.ok then o.at end,
       is_default = o.ok and (o.first or o.replaces_default)
     from outcome o where d.id = o.device_id
     returning d.verified_at, d.is_default
   ), ${recordLockout($)},
   ${settleProved($.codeMacs, $.setId)},
   saved_row as (
     update recovery_pool p set enrolment_device_id = null, wrong_codes = 0
     from outcome o, saved where o.ok and p.user_id = saved.user_id
   ),
   challenge_row as (
     update challenge c set status = 'approved', ended_at = o.at, approved_device_id = o.device_id
     from outcome o
     where c.id = ${$.challengeId} and c.user_id = o.user_id and c.enroll and c.status = 'pending' and c.expires_at > now() and o.ok
     returning c.id
   ),
   guard as (
     select array_remove(array[
         ${provedOutcomes($.codeMacs)},
         case when exists (select from challenge_row) then 'approved' end,
         case when not ok then 'rejected' end,
         ${lockoutOutcomes}], null) as outcomes,
       jsonb_build_object(${lockoutPatch}, ${provedPatch}) as patch
     from outcome
   ), ${appendEvents($.events, 'guard')}
   select o.ok, o.first, o.wrong, o.locked_until as "lockedUntil", r.verified_at as "verifiedAt",
     r.is_default as "isDefault", exists (select from challenge_row) as approved
   from outcome o, device_row r`,
);

export interface EnrolmentRead extends UserRow, DeviceRow, CheckedDevice, AdviceFacts {
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

export interface Charged {
  readonly ok: boolean;
  readonly first: boolean;
  readonly wrong: number;
  readonly lockedUntil: Date | null;
  readonly verifiedAt: Date | null;
  readonly isDefault: boolean;
  readonly approved: boolean;
}
