import { newId, type Method } from '#contracts';
import type { Purpose, Verdict } from '#auth-core';
import { event, isoTime, sql, type NewEvent } from '#persistence';

/**
 * Parts of the statements that charge an attempt and, if the code was right, settle it: one statement, one commit.
 *
 * The process has looked at the code before; whether its verdict counts is decided here, on rows that are locked. If
 * the subject is locked or the challenge has ended, the statement yields no row, and nobody may say right or wrong.
 * That bounds guesses to the counter even for 5,000 at once. Rows are locked in the order user, device or recovery
 * pool, challenge, so that two statements never wait for each other. The row of a lockout comes after that and looks at
 * the user again (its foreign key), so statements that lock the user lock it `for no key update`.
 */

/**
 * Seconds for which strangers can't check a device any more that guesses would have disabled, where its owner is known to
 * log in from elsewhere. With it nobody comes near the 100 failures in a row of NIST SP 800-63B-4 §3.2.2.
 */
const sparedSeconds = 30 * 86_400;

/**
 * `locked_challenge`, if it can still be checked.
 * @param challengeId a placeholder, or a column of the subject
 * @param subject query that holds the lock of the device or pool
 * @param orPass `skip locked`, or nothing
 */
export function chargeableChallenge(challengeId: string, subject: string, orPass = ''): string {
  return sql`
  locked_challenge as (
    select c.id, c.checks + 1 as checks, c.max_checks
    from ${subject}, challenge c
    where c.id = ${challengeId} and c.status = 'pending' and c.expires_at > now() and c.checks < c.max_checks
    for update of c ${orPass}
  )`;
}

/**
 * What follows from `verdict`, which has the columns `ok` and `wrong` (wrong codes in a row, this one included).
 * @param schedule placeholder of `lockSchedule`'s seconds by number of wrong codes; its end disables the device
 * @param spared condition over `verdict v`: the device is kept for its owner, and locked for others, where it would be
 *   disabled
 */
export function consequence(schedule: string, spared = 'false'): string {
  return sql`
  consequence as (
    select v.*,
      v.ended and not (${spared}) as disables,
      case when v.ok then 0 when v.ended then ${sparedSeconds}
        else (${schedule}::int[])[least(v.wrong, cardinality(${schedule}::int[]))] end as lock_seconds,
      clock_timestamp() as at
    from (select *, not ok and wrong >= cardinality(${schedule}::int[]) as ended from verdict) v
  ),
  outcome as (
    select *, not disables and lock_seconds > 0 as locks,
      case when not disables and lock_seconds > 0 then at + make_interval(secs => lock_seconds) end as locked_until
    from consequence
  )`;
}

/** Charges the challenge, and ends it if the recovery code was right or it was the last check. */
export function chargeChallenge(): string {
  return sql`
  challenge_row as (
    update challenge c set
      checks = o.checks,
      status = case when o.ok then 'approved' when o.checks >= o.max_checks then 'max_attempts_reached' else c.status end,
      ended_at = case when o.ok or o.checks >= o.max_checks then o.at end
    from outcome o where c.id = o.challenge_id
  )`;
}

/** Writes the lock of a device down. */
export function recordLockout(by: { lockoutId: string; tenantId: string }): string {
  return sql`
  lockout_row as (
    insert into lockout (id, tenant_id, user_id, subject, device_id, wrong_codes, started_at, locked_until)
    select ${by.lockoutId}, ${by.tenantId}, user_id, 'device', device_id, wrong, at, locked_until from outcome where locks
  )`;
}

/**
 * Parts that bound the guesses for an unproven address over all enrolments of it.
 * @param key placeholder of the address' `guessKey`; null for devices without one
 * @param held query that holds the lock of the device, which comes first
 */
export const lockGuesses = (key: string, held: string) => sql`
  guesses as (
    select wrong_codes, locked_until from address_guess
    where key = ${key} and (select count(*) from ${held}) > 0 for update
  ),
  guessable as (select 1 where not exists (select from guesses where locked_until > now()))`;

/** After `consequence`: a right code ends the count, a wrong one may lock the address. */
export const countGuess = (key: string, schedule: string) => sql`
  guess_row as (
    update address_guess g set
      wrong_codes = case when o.ok then 0 else g.wrong_codes + 1 end,
      locked_until = case
        when not o.ok and (${schedule}::int[])[least(g.wrong_codes + 1, cardinality(${schedule}::int[]))] > 0
        then o.at + make_interval(secs => (${schedule}::int[])[least(g.wrong_codes + 1, cardinality(${schedule}::int[]))]) end,
      last_at = o.at
    from outcome o where g.key = ${key}
  )`;

/** What a wrong code brings besides, for the guard of `appendEvents`. */
export const lockoutOutcomes = sql`
  case when locks then 'locked' end,
  case when disables then 'disabled' end`;

/** Fields of events that only the statement knows. */
export const lockoutPatch = sql`
  'lockout.started', jsonb_build_object('wrongCodes', wrong, 'lockedUntil', ${isoTime('locked_until')}),
  'device.disabled', jsonb_build_object('wrongCodes', wrong)`;

/** The events that a charge of a device's answer may bring; `lockoutPatch` fills in what is missing. */
export function lockoutEvents(
  { deviceId, method }: { readonly deviceId: string; readonly method: Method },
  lockoutId: string,
): NewEvent[] {
  return [
    event('lockout.started', { lockoutId, subject: 'device', deviceId }, { when: 'locked', job: 'announce-lockout' }),
    event('device.disabled', { deviceId, method }, { when: 'disabled' }),
  ];
}

/** Values that every charging statement takes. */
export interface Charge {
  readonly lockoutId: string;
  readonly match: boolean;
  readonly step: number | null;
}

export function chargeOf(verdict: Verdict): Charge {
  return {
    lockoutId: newId('lockout'),
    match: verdict.result === 'match',
    step: verdict.result === 'match' ? verdict.step : null,
  };
}

/**
 * Authentication methods of a proof (RFC 8176 §2).
 *
 * Of a passkey: `swk`, a key of which nothing shows that it sits in hardware (no attestation is asked for), `user`, that
 * someone was present, and `mfa` where the authenticator asked for a PIN, a finger or a face as well.
 */
export function amrOf(method: string, userVerified = false): string[] {
  if (method === 'webauthn') return userVerified ? ['swk', 'user', 'mfa'] : ['swk', 'user'];
  return method === 'sms' ? ['otp', 'sms'] : ['otp'];
}

/** What a challenge's events have in common. */
export function challengeFacts(challengeId: string, purpose: Purpose, application: string | null) {
  return { challengeId, purpose, ...(application === null ? {} : { application }) };
}
