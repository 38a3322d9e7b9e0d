import { invalidRequest, type Method, type Policy } from '#contracts';
import { mayAnswer, standAlone } from '#auth-core';
import { event, sql, type NewEvent } from '#persistence';
import { refusal } from '../refusals/refusals.js';
import { passkeyOf, type PasskeyColumn } from '../rows/device-row.js';
import { revokedBrowsers } from '../trusted-browsers/remember-browser.js';

/**
 * What it means that a device is proved, whichever way it was: by a code, by a number that was proved before, by an
 * import. The parts of statements here are shared by those, so that no way skips a rule.
 */

/** Another device of the same user. */
export interface OtherDevice {
  readonly deviceId: string;
  readonly method: Method;
  readonly name: string;
  readonly status: 'unverified' | 'verified' | 'disabled';
  readonly applications: readonly string[] | null;
  readonly passkey: PasskeyColumn | null;
}

/** Argument of `jsonb_build_object` for the event of the unverified devices that a query deleted. */
export const endedEnrolments = (gone: string) => sql`
  'device.enrolments_ended', jsonb_build_object('deviceIds',
    (select coalesce(jsonb_agg(id order by id), '[]'::jsonb) from ${gone}))`;

/** JSON list of `OtherDevice` for a query over `app_user u`. */
export const otherDevices = (except: string) => sql`
  (select coalesce(json_agg(json_build_object('deviceId', x.id, 'method', x.method, 'name', x.name, 'status', x.status,
     'applications', x.applications, 'passkey', ${passkeyOf('x')}) order by x.id), '[]') from device x where x.user_id = u.id and x.id <> ${except})`;

/**
 * Whether the policy takes a method beside the user's other devices: `exclusive` allows one method at a time, and one
 * that may not stand alone needs another that may. What it does not allow any more neither is in the way nor a support.
 * `fits` asks the same again on locked rows.
 * @param replaces id of the device that goes when the new one is proved
 * @throws {Problem} `method_conflict`, `method_not_allowed`, `invalid_request`
 */
export function assertFits(
  policy: Policy,
  others: readonly OtherDevice[],
  method: Method,
  replaces: string | null,
): void {
  const { allowed, exclusive } = policy.methods;
  if (!allowed.includes(method)) throw refusal(policy, 'method_not_allowed');
  const beside = others
    .filter((other) => other.status === 'verified' && other.deviceId !== replaces)
    .map((other) => other.method)
    .filter((other) => allowed.includes(other));
  if (exclusive && beside.some((other) => other !== method)) throw refusal(policy, 'method_conflict');
  if (!mayAnswer(policy.methods, method, beside)) {
    throw refusal(policy, 'method_not_allowed', {
      detail:
        'The policy does not allow this method as the only one. Add another method first, such as an authenticator app.',
      wordsFor: 'not_alone',
    });
  }
}

/** @throws {Problem} `method_not_allowed` for a user of the API, whom no device could ask */
export function assertPerson(policy: Policy, { kind }: { readonly kind: 'person' | 'service' }): void {
  if (kind === 'person') return;
  throw refusal(policy, 'method_not_allowed', { detail: 'A service user cannot have a second factor.' });
}

/** Whether recovery codes are shown, and have to be saved, before the user's first device counts: the order of some panels. */
export function savesCodesFirst(
  { enrolledAt }: { readonly enrolledAt: Date | null },
  { recoveryCodes }: Policy,
): boolean {
  return enrolledAt === null && recoveryCodes.acknowledgementRequired && recoveryCodes.count > 0;
}

/**
 * The device that an enrolment replaces, or null.
 * @throws {Problem} `invalid_request`
 */
export function replacedOf(others: readonly OtherDevice[], replaces: string | undefined): OtherDevice | null {
  if (replaces === undefined) return null;
  const found = others.find(({ deviceId, status }) => deviceId === replaces && status !== 'unverified');
  if (!found) throw invalidRequest('/replaces', 'is not a verified device of this user');
  return found;
}

/**
 * The user and all of their devices, locked. A statement that waited here sees the devices as they are now, except one that
 * was added in the meantime: then the user's row has changed, and `locked_user.version` differs from `seen.version`.
 */
export const lockOwner = (userRef: string) => sql`
  seen as (select xmin as version from app_user where id = ${userRef}),
  locked_user as (
    select id, xmin as version, two_factor_since, enrolled_at from app_user where id = ${userRef} for no key update
  ),
  mine as (select d.* from locked_user, device d where d.user_id = locked_user.id order by d.id for update of d)`;

/**
 * Condition over `locked_user`, `seen` and `mine`: `assertFits`, for a row with `id`, `method` and `replaces_device_id`.
 * @param rivals placeholder of the methods of which there may be one at a time, as of `fitsValues`
 * @param alone placeholder of those that may stand alone, as of `fitsValues`
 */
export const fits = (row: string, rivals: string, alone: string) => sql`
  (cardinality(${rivals}::text[]) = 0 or (locked_user.version = seen.version and not exists (
    select from mine x
    where x.status = 'verified' and x.method = any (${rivals}::text[]) and x.method <> ${row}.method
      and x.id is distinct from ${row}.replaces_device_id)))
  and (${row}.method = any (${alone}::text[]) or exists (
    select from mine x
    where x.status = 'verified' and x.id <> ${row}.id and x.id is distinct from ${row}.replaces_device_id
      and x.method = any (${alone}::text[])))`;

export const fitsValues = ({ methods }: Policy): { rivals: readonly Method[]; alone: readonly Method[] } => ({
  rivals: methods.exclusive ? methods.allowed : [],
  alone: standAlone(methods),
});

/**
 * Condition over `locked_user`, `seen` and `mine`: the user has nothing yet that another device would need a proof for. Asked of what
 * was begun without one, since a device may have been proved in the meantime.
 */
export const unprotected = (row: string) => sql`
  (locked_user.enrolled_at is null or (locked_user.version = seen.version and not exists (
    select from mine x where x.status <> 'unverified' and x.id <> ${row}.id)))`;

/** Whether a row takes the place of the default device, over `mine`. */
export const replacesDefault = (row: string) =>
  sql`exists (select from mine x where x.id = ${row}.replaces_device_id and x.is_default)`;

/**
 * What follows from `outcome`, which has `ok`, `first`, `at`, `user_id`, `device_id` and `replaces_device_id`: the
 * user's first device switches two-factor authentication on, brings the recovery codes and ends the user's other
 * enrolments; a replaced device goes, and with it the browsers that it made trusted.
 */
export const settleProved = (macs: string, set: string) => sql`
  user_row as (
    update app_user u set
      two_factor_since = case when o.first then coalesce(u.two_factor_since, o.at) else u.two_factor_since end,
      enrolled_at = case when o.first then o.at else u.enrolled_at end
    from outcome o where u.id = o.user_id and o.ok
  ),
  other_row as (
    delete from device x using outcome o
    where x.user_id = o.user_id and x.status = 'unverified' and x.id <> o.device_id and o.ok and o.first
    returning x.id
  ),
  replaced_row as (
    delete from device x using outcome o
    where x.user_id = o.user_id and x.id = o.replaces_device_id and x.status <> 'unverified' and o.ok
    returning x.id
  ),
  browsers as (delete from trusted_browser b using replaced_row r where b.device_id = r.id returning b.id),
  -- What an enrolment showed that was ended by this device dies with it, also where this one brings no codes.
  shown_row as (
    delete from recovery_pool p using outcome o
    where p.user_id = o.user_id and o.ok and o.first and cardinality(${macs}::bytea[]) = 0
      and p.enrolment_device_id <> o.device_id
  ),
  pool_row as (
    insert into recovery_pool (user_id, set_id, codes_left)
    select user_id, ${set}, cardinality(${macs}::bytea[]) from outcome where ok and first and cardinality(${macs}::bytea[]) > 0
    on conflict (user_id) do update set
      set_id = excluded.set_id, codes_left = excluded.codes_left, generated_at = clock_timestamp(), acknowledged_at = null,
      enrolment_device_id = null, wrong_codes = 0
  ),
  recovery_row as (
    insert into recovery_code (user_id, mac, set_id)
    select user_id, unnest(${macs}::bytea[]), ${set} from outcome where ok and first
  )`;

/**
 * Condition over `locked_user`: what was prepared is enough. Whether a device is the first decides `u`, and a first one brings recovery
 * codes; so where it was not the first when it was looked at, the set `set` is null, and the call looks again.
 */
export const prepared = (set: string) => sql`(locked_user.enrolled_at is not null or ${set}::text is not null)`;

/** Elements of the guard's `outcomes`, after `settleProved`. */
export const provedOutcomes = (macs: string) => sql`
  case when ok then 'verified' end,
  case when ok and first then 'first' end,
  case when ok and first and cardinality(${macs}::bytea[]) > 0 then 'recovery' end,
  case when exists (select from other_row) then 'others' end,
  case when exists (select from replaced_row) then 'replaced' end,
  case when exists (select from browsers) then 'browsers' end`;

/** Arguments of `jsonb_build_object` for the guard's `patch`, after `settleProved`. */
export const provedPatch = sql`${endedEnrolments('other_row')}, ${revokedBrowsers}`;

/** The events that go with `provedOutcomes`, but for the one that says how the device was proved. */
export function provedEvents(recoveryCodes: number, replaced: OtherDevice | null): NewEvent[] {
  return [
    event('two_factor.enabled', {}, { when: 'first' }),
    event('recovery_codes.generated', { count: recoveryCodes }, { when: 'recovery' }),
    event('device.enrolments_ended', { reason: 'first_device_verified' }, { when: 'others' }),
    ...(replaced === null
      ? []
      : [
          event(
            'device.removed',
            { deviceId: replaced.deviceId, method: replaced.method, reason: 'replaced' },
            { when: 'replaced', personal: { deviceName: replaced.name } },
          ),
          event('trusted_browser.revoked', { reason: 'device_replaced' }, { when: 'browsers' }),
        ]),
  ];
}
