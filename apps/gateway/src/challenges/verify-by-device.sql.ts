import type { Method } from '#contracts';
import { appendEvents, batchStatement, noOutcomes, sql, statement, type Placeholders } from '#persistence';
import { codesInForce, type AdviceFacts } from '../advice/advice.js';
import { knowsAny, lockedUntil, wrongCodes } from '../places/places.js';
import { admits } from '../rows/device-row.js';
import { rememberBrowser } from '../trusted-browsers/remember-browser.js';
import {
  chargeableChallenge,
  chargeChallenge,
  consequence,
  lockoutPatch,
  recordLockout,
} from '../verification/charge.js';
import { challengeColumns, ofChallenge, type ChallengeRow } from './challenge-row.sql.js';

// All devices of the user, though one of them is to answer: what there is to advise depends on the others.
const deviceRead = <Row extends DeviceRead>(name: string, columns = '', join = '') =>
  batchStatement<Row, DeviceCall>(
    name,
    { challenge_id: 'text', tenant_id: 'text', device_id: 'text' },
    (asked) => sql`with ${asked}
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

export const readDevices = deviceRead<DeviceRead>('challenge.verify-read');

export const readPasskeys = deviceRead<PasskeyRead>(
  'challenge.passkey-read',
  sql`, w.credential_id as "credentialId", w.public_key as "publicKey", w.sign_count as "signCount",
     w.backup_eligible as "backupEligible", w.backed_up as "backedUp"`,
  'left join webauthn_credential w on w.device_id = d.id',
);

/** Whether the challenge comes from a place that the user has logged in from. */
const fromKnown = (challengeId: string) => sql`(select known from challenge where id = ${challengeId})`;

/** Condition: the device `d` refuses no checks from there. */
const unlocked = (challengeId: string) => sql`coalesce(${lockedUntil(fromKnown(challengeId))}, '-infinity') <= now()`;

/** What each approval by a device takes. */
export interface Approval {
  readonly challengeId: string;
  readonly deviceId: string;
  readonly events: string;
}

interface Approved {
  readonly device_id: string;
}

/**
 * Charges and settles a check by a device, where the answer was right when the process looked. Where somebody was first
 * with it, there is no row, and `refuseDevice` charges the check: so a login carries no part of what only a refusal needs.
 * @param how.unused whether the device `d` has not seen the answer yet
 * @param how.spend what uses the answer up: an update that also asks whether that can still be done
 * @param how.step the time step of a right code
 * @param browser the browser to be remembered
 */
const approveBy = (
  $: Placeholders<Approval>,
  how: { unused?: string; spend?: string; step?: string },
  browser: string | null,
) => sql`
   with locked_device as (
     select id, tenant_id, user_id, address_changed_at from device d
     where id = ${$.deviceId} and status = 'verified' and ${unlocked($.challengeId)} ${how.unused ? `and (${how.unused})` : ''}
     for update
   ), ${chargeableChallenge($.challengeId, 'locked_device')}, ${how.spend ? sql`spent as (${how.spend} and exists (select from locked_challenge) returning 1),` : ''}
   outcome as (
     select locked_device.id as device_id, locked_device.tenant_id, locked_device.user_id,
       locked_challenge.id as challenge_id, locked_challenge.checks, clock_timestamp() as at
     from locked_device, locked_challenge ${how.spend ? 'where exists (select from spent)' : ''}
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
   ), ${browser === null ? '' : `${rememberBrowser(browser)},`}
   guard as (select ${noOutcomes} from outcome), ${appendEvents($.events, 'guard')}
   select device_id from outcome`;

/** Statements of their own where a browser is to be remembered, so that a login that asks for no trust carries no part of it. */
const approving = <Spent extends object>(
  method: string,
  how: ($: Placeholders<Approval & Spent>) => Parameters<typeof approveBy>[1],
) => ({
  plain: statement<Approved, Approval & Spent>(`challenge.${method}-approve`, ($) => approveBy($, how($), null)),
  remembering: statement<Approved, Approval & Spent & { browser: string }>(
    `challenge.${method}-approve-and-remember`,
    ($) => approveBy($, how($), $.browser),
  ),
});
export type Approving<Spent extends object> = ReturnType<typeof approving<Spent>>;

export const approve = {
  totp: approving<{ step: number | null }>('totp', ($) => ({
    unused: sql`last_used_step is null or last_used_step < ${$.step}`,
    step: $.step,
  })),
  sent_code: approving<{ codeId: string | null }>('sent-code', ($) => ({
    spend: sql`update code set consumed_at = now()
      where id = ${$.codeId} and subject_id = ${$.challengeId} and device_id = ${$.deviceId} and consumed_at is null and expires_at > now()
        -- Not one that went to the number that the device had before.
        and last_sent_at > coalesce((select address_changed_at from locked_device), '-infinity')`,
  })),
  // The counter goes up, or there is none (WebAuthn L3 §7.2 step 22).
  passkey: approving<{ signCount: number | null; backedUp: boolean | null }>('passkey', ($) => ({
    spend: sql`update webauthn_credential set sign_count = ${$.signCount}, backed_up = ${$.backedUp}
      where device_id = ${$.deviceId} and (sign_count < ${$.signCount} or sign_count = 0 and ${$.signCount} = 0)`,
  })),
};

export const refuseDevice = statement<
  Charged,
  {
    challengeId: string;
    deviceId: string;
    schedule: readonly number[];
    lockoutId: string;
    tenantId: string;
    events: string;
  }
>(
  'challenge.verify-charge',
  ($) => sql`with locked_device as (
     select id, user_id, ${wrongCodes(fromKnown($.challengeId))} as wrong_codes from device d
     where id = ${$.deviceId} and status = 'verified' and ${unlocked($.challengeId)}
     for update
   ), ${chargeableChallenge($.challengeId, 'locked_device')},
   verdict as (
     select locked_device.id as device_id, locked_device.user_id, locked_challenge.id as challenge_id,
       locked_challenge.checks, locked_challenge.max_checks, locked_device.wrong_codes + 1 as wrong,
       ${fromKnown($.challengeId)} as known, false as ok
     from locked_device, locked_challenge
   ), ${consequence($.schedule, `not v.known and ${knowsAny('v.user_id')}`)},
   device_row as (
     update device d set
       wrong_codes = case when o.known then d.wrong_codes else o.wrong end,
       locked_until = case when o.known then d.locked_until else o.locked_until end,
       known_wrong_codes = case when o.known then o.wrong else d.known_wrong_codes end,
       known_locked_until = case when o.known then o.locked_until else d.known_locked_until end,
       status = case when o.disables then 'disabled' else d.status end
     from outcome o where d.id = o.device_id
   ), ${chargeChallenge()}, ${recordLockout($)},
   guard as (
     select array_remove(array[
         case when checks >= max_checks then 'exhausted' end,
         case when locks then 'locked' end,
         case when disables then 'disabled' end], null) as outcomes,
       jsonb_build_object(${lockoutPatch}) as patch
     from outcome
   ), ${appendEvents($.events, 'guard')}
   select wrong, checks, locked_until as "lockedUntil" from outcome`,
);

export interface DeviceCall {
  readonly challenge_id: string;
  readonly tenant_id: string;
  readonly device_id: string | null;
}

export interface DeviceRead extends ChallengeRow {
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

/** The one that answers. */
export type AnsweringDevice = PasskeyRead & { readonly deviceId: string };

/** Null where the device is no passkey; read only where a passkey answers. */
export interface PasskeyRead extends DeviceRead {
  readonly credentialId: string | null;
  readonly publicKey: Buffer | null;
  readonly signCount: number | null;
  readonly backupEligible: boolean | null;
  readonly backedUp: boolean | null;
}

export interface Charged {
  readonly wrong: number;
  readonly checks: number;
  readonly lockedUntil: Date | null;
}
