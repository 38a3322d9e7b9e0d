import { sql } from '#persistence';
import { policyValue } from '../policy/policy-value.js';

/**
 * What an approved challenge still allows. Authority hangs on what gave it, a device or the set of recovery codes, and is
 * looked at again when it is used: a proof that is taken back, an enrolment or a new number that is verified, a browser
 * that comes again. So nothing has to be ended when a device is removed, and nothing can be forgotten.
 *
 * Times are compared exactly. Each is taken (`clock_timestamp`) by whoever holds the lock of the row that it is about,
 * so of two that wait for one lock the second is the later one.
 */

/** Methods that the policy in force allows, as a JSON array, in a query over `tenant t` and `account a`. */
export const allowedMethods = sql`(${policyValue('methods', 'allowed')})`;

/**
 * Condition: a device vouches for what it approved at a time. Not one that is gone or disabled, whose method the policy
 * no longer allows, or whose number is another one since.
 * @param methods JSON array of the methods that are allowed
 */
export const vouches = (device: string, at: string, methods: string) => sql`
  (${device}.status = 'verified' and ${methods} ? ${device}.method
    and ${at} > coalesce(${device}.address_changed_at, '-infinity'))`;

/** The same of a set of recovery codes: the one that is in force now was so then. */
const codesVouch = (pool: string, at: string) =>
  sql`(${pool}.enrolment_device_id is null and ${pool}.generated_at < ${at})`;

/**
 * A challenge that was approved since its user enrolled: what was before a reset counts no more. One that waited for the
 * first device is approved by the enrolment itself.
 */
const approved = (challenge: string, id: string, user: string) => sql`
  ${challenge}.id = ${id} and ${challenge}.user_id = ${user}.id and ${challenge}.status = 'approved'
    and (${challenge}.ended_at > ${user}.enrolled_at or ${challenge}.enroll and ${challenge}.ended_at = ${user}.enrolled_at)`;

/**
 * Condition: an approval still has its authority, as far as a reading can tell: over `app_user u`, `account a` and
 * `tenant t`. `authority` asks the same on locked rows.
 * @param approval id of the challenge
 */
export const hasAuthority = (approval: string) => sql`
  exists (
    select from challenge c where ${approved('c', approval, 'u')} and case when c.approved_device_id is null
      then exists (select from recovery_pool p where p.user_id = u.id and ${codesVouch('p', 'c.ended_at')})
      else exists (
        select from device g
        where g.id = c.approved_device_id and g.user_id = u.id and ${vouches('g', 'c.ended_at', allowedMethods)}) end)`;

/**
 * The part of a statement that asks whether an approval still has its authority: `name` yields its row if so, with the
 * `applications` of the device that gave it. It locks the user, then that device or the recovery codes.
 * @param by.approval id of the challenge; where it is null, nothing is looked at
 * @param by.user our id of the user
 * @param by.methods JSON array of the methods that the policy allows
 */
export function authority(name: string, by: { approval: string; user: string; methods: string }): string {
  return sql`
  ${name}_owner as (
    select id, enrolled_at, trust_revoked_at from app_user where id = ${by.user} and ${by.approval} is not null
    for no key update
  ),
  ${name}_approval as (
    select c.id, c.purpose, c.approved_device_id, c.ended_at, u.id as user_id, u.trust_revoked_at
    from ${name}_owner u, challenge c where ${approved('c', by.approval, 'u')}
  ),
  ${name}_device as (
    select g.id, g.applications from ${name}_approval a, device g
    where g.id = a.approved_device_id and g.user_id = a.user_id and ${vouches('g', 'a.ended_at', by.methods)}
    for update of g
  ),
  ${name}_codes as (
    select p.user_id from ${name}_approval a, recovery_pool p
    where a.approved_device_id is null and p.user_id = a.user_id and ${codesVouch('p', 'a.ended_at')}
    for update of p
  ),
  ${name} as (
    select a.*, (select applications from ${name}_device) as applications from ${name}_approval a
    where exists (select from ${name}_device) or exists (select from ${name}_codes)
  )`;
}

/**
 * Whether the authority of a device reaches others: one that serves some applications only reaches those that serve no
 * others. A device's applications never change.
 * @param limits applications of the device that gave it; null where it serves all
 * @param reach applications that the act concerns; null is all
 */
export function reaches(limits: readonly string[] | null, reach: readonly string[] | null): boolean {
  return limits === null || (reach !== null && reach.every((application) => limits.includes(application)));
}
