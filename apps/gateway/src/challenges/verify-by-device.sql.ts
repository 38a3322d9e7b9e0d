import {
  appendEvents,
  askedByOne,
  batchStatement,
  changingBatchStatement,
  noOutcomes,
  sql,
  statement,
} from '#persistence';
import { codesInForce, type AdviceFacts } from '../advice/advice.js';
import { knowsAny, lockedUntil, wrongCodes } from '../places/places.js';
import { admits } from '../rows/device-row.js';
import { rememberBrowser } from '../trusted-browsers/remember-browser.js';
import type { CheckedDevice } from '../verification/authenticator.js';
import {
  chargeableChallenge,
  chargeChallenge,
  consequence,
  lockoutOutcomes,
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
  readonly challenge_id: string;
  readonly device_id: string;
  readonly events: object;
}

interface Approved {
  readonly device_id: string;
}

const approvalFields = { challenge_id: 'text', device_id: 'text', events: 'jsonb' };

/** What a call locks. */
const locked = ['device_id', 'challenge_id'] as const;

/** How an answer is used up; each is SQL over `locked_device l`, which has what the call asked. */
interface Spending {
  /** Whether the device `d` has not seen the answer yet, by what was `asked`. */
  readonly unused?: string;
  /** A query for the row that is used up, with the `n` of the call; it locks that row. */
  readonly spendable?: (orPass: string) => string;
  /** Uses up what is `spendable s`. */
  readonly spend?: string;
  /** What else is written into the device, by the `outcome o`. */
  readonly deviceColumns?: string;
}

/**
 * Charges and settles checks by a device, where the answer was right when the process looked. Where somebody was first
 * with it, there is no row, and `refuseDevice` charges the check: so a login carries no part of what only a refusal needs.
 * @param browser placeholder of the browser to be remembered
 */
const approveBy = (asked: string, orPass: string, how: Spending, browser: string | null) => sql`with ${asked},
   locked_device as (
     select asked.*, d.tenant_id, d.user_id, d.address_changed_at from asked join device d on d.id = asked.device_id
     where d.status = 'verified' and ${unlocked('asked.challenge_id')} ${how.unused ? `and (${how.unused})` : ''}
     order by d.id for update of d ${orPass}
   ), ${chargeableChallenge('locked_device.challenge_id', 'locked_device', orPass)},
   ${how.spendable && how.spend ? sql`spendable as (${how.spendable(orPass)}), spent as (${how.spend} returning s.n),` : ''}
   outcome as (
     select l.*, c.checks, clock_timestamp() as at
     from locked_device l join locked_challenge c on c.id = l.challenge_id
     ${how.spend ? 'where l.n in (select n from spent)' : ''}
   ),
   device_row as (
     update device d set
       wrong_codes = 0, locked_until = null, known_wrong_codes = 0, known_locked_until = null, last_used_at = o.at
       ${how.deviceColumns ? `, ${how.deviceColumns}` : ''}
     from outcome o where d.id = o.device_id
   ),
   challenge_row as (
     update challenge c set
       checks = o.checks, status = 'approved', ended_at = o.at, approved_device_id = o.device_id
     from outcome o where c.id = o.challenge_id
   ), ${browser === null ? '' : `${rememberBrowser(browser)},`}
   guard as (select events, ${noOutcomes} from outcome), ${appendEvents('g.events', 'guard')}
   select n, device_id from outcome`;

/** Statements of their own where a browser is to be remembered, so that a login that asks for no trust carries no part of it. */
const approving = <Spent extends object>(
  method: string,
  spentFields: Readonly<Record<keyof Spent, string>>,
  how: Spending,
) => {
  const fields = { ...approvalFields, ...spentFields } as Readonly<Record<keyof (Approval & Spent), string>>;
  return {
    plain: changingBatchStatement<Approved, Approval & Spent>(
      `challenge.${method}-approve`,
      fields,
      locked,
      (asked, orPass) => approveBy(asked, orPass, how, null),
    ),
    remembering: statement<Approved & { n: number }, Approval & Spent & { browser: string }>(
      `challenge.${method}-approve-and-remember`,
      ($) => approveBy(askedByOne<Approval & Spent>(fields, $), '', how, $.browser),
    ),
  };
};
export type Approving<Spent extends object> = ReturnType<typeof approving<Spent>>;

export const approve = {
  totp: approving<{ step: number | null }>(
    'totp',
    { step: 'bigint' },
    {
      unused: sql`d.last_used_step is null or d.last_used_step < asked.step`,
      deviceColumns: 'last_used_step = o.step',
    },
  ),
  sent_code: approving<{ code_id: string | null }>(
    'sent-code',
    { code_id: 'text' },
    {
      spendable: (orPass) => sql`
        select k.subject_id, k.device_id, l.n from locked_device l join locked_challenge c on c.id = l.challenge_id
        join code k on k.id = l.code_id and k.subject_id = c.id and k.device_id = l.device_id
        where k.consumed_at is null and k.expires_at > now()
          -- Not one that went to the number that the device had before.
          and k.last_sent_at > coalesce(l.address_changed_at, '-infinity')
        for update of k ${orPass}`,
      spend: sql`update code k set consumed_at = now() from spendable s
        where k.subject_id = s.subject_id and k.device_id = s.device_id`,
    },
  ),
  // The counter goes up, or there is none (WebAuthn L3 §7.2 step 22).
  passkey: approving<{ sign_count: number | null; backed_up: boolean | null }>(
    'passkey',
    { sign_count: 'bigint', backed_up: 'boolean' },
    {
      spendable: (orPass) => sql`
        select w.device_id, l.n, l.sign_count, l.backed_up
        from locked_device l join locked_challenge c on c.id = l.challenge_id
        join webauthn_credential w on w.device_id = l.device_id
        where w.sign_count < l.sign_count or w.sign_count = 0 and l.sign_count = 0
        for update of w ${orPass}`,
      spend: sql`update webauthn_credential w set sign_count = s.sign_count, backed_up = s.backed_up
        from spendable s where w.device_id = s.device_id`,
    },
  ),
};

export const refuseDevice = changingBatchStatement<Charged, Refusal>(
  'challenge.verify-charge',
  {
    challenge_id: 'text',
    device_id: 'text',
    schedule: 'int[]',
    lockout_id: 'text',
    events: 'jsonb',
  },
  locked,
  (asked, orPass) => sql`with ${asked},
   locked_device as (
     select asked.*, d.tenant_id, d.user_id, ${wrongCodes(fromKnown('asked.challenge_id'))} as wrong_codes
     from asked join device d on d.id = asked.device_id
     where d.status = 'verified' and ${unlocked('asked.challenge_id')}
     order by d.id for update of d ${orPass}
   ), ${chargeableChallenge('locked_device.challenge_id', 'locked_device', orPass)},
   verdict as (
     select l.*, c.checks, c.max_checks, l.wrong_codes + 1 as wrong, ${fromKnown('c.id')} as known, false as ok
     from locked_device l join locked_challenge c on c.id = l.challenge_id
   ), ${consequence('schedule', `not v.known and ${knowsAny('v.user_id')}`)},
   device_row as (
     update device d set
       wrong_codes = case when o.known then d.wrong_codes else o.wrong end,
       locked_until = case when o.known then d.locked_until else o.locked_until end,
       known_wrong_codes = case when o.known then o.wrong else d.known_wrong_codes end,
       known_locked_until = case when o.known then o.locked_until else d.known_locked_until end,
       status = case when o.disables then 'disabled' else d.status end
     from outcome o where d.id = o.device_id
   ), ${chargeChallenge()}, ${recordLockout({ lockoutId: 'lockout_id', tenantId: 'tenant_id' })},
   guard as (
     select events, array_remove(array[
         case when checks >= max_checks then 'exhausted' end,
         ${lockoutOutcomes}], null) as outcomes,
       jsonb_build_object(${lockoutPatch}) as patch
     from outcome
   ), ${appendEvents('g.events', 'guard')}
   select n, wrong, checks, locked_until as "lockedUntil" from outcome`,
);

export interface Refusal {
  readonly challenge_id: string;
  readonly device_id: string;
  /** Of `lockSchedule`. */
  readonly schedule: readonly number[];
  readonly lockout_id: string;
  readonly events: object;
}

export interface DeviceCall {
  readonly challenge_id: string;
  readonly tenant_id: string;
  readonly device_id: string | null;
}

export interface DeviceRead extends ChallengeRow, Omit<CheckedDevice, 'deviceId'> {
  readonly codesInForce: AdviceFacts['codesInForce'];
  readonly deviceId: string | null;
  /** Whether it is the one that was named, or that the challenge is for, and serves the application. */
  readonly mayAnswer: boolean | null;
  readonly deviceStatus: 'unverified' | 'verified' | 'disabled';
  readonly lockedUntil: Date | null;
  readonly verifiedAt: Date | null;
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
