import type { Method } from '#contracts';
import { appendEvents, sql, statement } from '#persistence';
import { sendCodeParts, sendingColumns, sendingOutcomes, type SendingRow } from '../codes/send-code.sql.js';
import { useProof } from '../proofs/proofs.js';
import { someMayAnswer } from '../rows/device-row.js';
import { revokedBrowsers } from '../trusted-browsers/remember-browser.js';
import { endedEnrolments, lockOwner } from './proved-device.js';

/**
 * The user and all of their devices, locked. Whoever waited here sees the devices as they are now, where the rest of
 * the statement would see them as they were when it began.
 *
 * The user's lock is the weaker one: the stronger would also stop whoever holds a device and adds a row of the user's,
 * a lockout or a delivery, and the two would wait for each other.
 */
const lockDevices = (userRef: string) => sql`
   locked_user as (select id, two_factor_since from app_user where id = ${userRef} for no key update),
   mine as (
     select d.id, d.method, d.status, d.is_default, d.verified_at, d.applications from locked_user, device d where d.user_id = locked_user.id
     order by d.id for update of d
   )`;

export const changeDevice = statement<
  { id: string },
  { deviceId: string; name: string | null; userRef: string; isDefault: boolean; events: string }
>(
  'device.change',
  ($) => sql`with ${lockDevices($.userRef)},
   changed as (
     update device d set name = coalesce(${$.name}, d.name), is_default = d.is_default or ${$.isDefault}
     from mine where d.id = ${$.deviceId} and d.id = mine.id
     returning d.id, mine.is_default as was_default
   ),
   stepped_back as (
     update device d set is_default = false
     from mine, changed c where ${$.isDefault} and d.id = mine.id and mine.is_default and d.id <> c.id
   ),
   guard as (
     select array_remove(array[
         case when ${$.name}::text is not null then 'renamed' end,
         case when ${$.isDefault} and not was_default then 'default' end], null) as outcomes, '{}'::jsonb as patch
     from changed
   ), ${appendEvents($.events, 'guard')}
   select id from changed`,
);

/**
 * With the last proved device of a user whose two-factor authentication is off goes all that hangs on it: recovery codes,
 * enrolments that are under way. Who is left is as one who has never enrolled (docs/states.md). A device that came
 * meanwhile is not among `mine`; then the user's row has changed, and the call begins again. With an enrolment go the
 * recovery codes that it showed.
 */
export const removeDevice = statement<
  { last: boolean; lastAlone: boolean; again: boolean; removed: boolean },
  {
    deviceId: string;
    userRef: string;
    proofId: string | null;
    grounds: string | null;
    events: string;
    allowed: readonly Method[];
    alone: readonly Method[];
  }
>(
  'device.remove',
  ($) => sql`with ${lockOwner($.userRef)},
   candidate as (
     select m.id, m.is_default, m.applications,
       locked_user.two_factor_since is null and m.verified_at is not null and not exists (
         select from mine x where x.id <> m.id and x.verified_at is not null) as last_proved,
       locked_user.version <> seen.version as changed,
       locked_user.two_factor_since is not null and m.status <> 'unverified' and not exists (
         select from mine x where x.id <> m.id and x.status = 'verified') as last,
       -- Some may answer now, none of the others may without this one.
       locked_user.two_factor_since is not null and ${someMayAnswer('mine', $.allowed, $.alone)}
         and not ${someMayAnswer('(select * from mine where id <> m.id)', $.allowed, $.alone)} as last_alone
     from locked_user, seen, mine m where m.id = ${$.deviceId}
   ),
   removable as (select * from candidate where not last and not last_alone and not (last_proved and changed)),
   ${useProof($.proofId, $.grounds, { purpose: 'remove_device', user: $.userRef, gate: 'removable', reach: 'g.applications' })},
   gone as (
     delete from device x using mine m, removable r, proof
     where x.id = m.id and (x.id = r.id or r.last_proved and m.verified_at is null)
     returning x.id
   ),
   removed as (select r.* from gone join removable r using (id)),
   user_row as (update app_user a set enrolled_at = null from removed r where r.last_proved and a.id = ${$.userRef}),
   pool_row as (
     delete from recovery_pool p using removed r
     where p.user_id = ${$.userRef} and (r.last_proved or p.enrolment_device_id = r.id)
     returning p.user_id
   ),
   code_row as (delete from recovery_code c using pool_row p where c.user_id = p.user_id),
   successor as (
     update device set is_default = true
     where id = (
       select x.id from mine x, removable r, proof
       where r.is_default and x.id <> r.id and x.status = 'verified'
       order by x.verified_at limit 1)
   ),
   browsers as (delete from trusted_browser b using removed r where b.device_id = r.id returning b.id),
   others as (select gone.id from gone where gone.id <> ${$.deviceId}),
   guard as (
     select array_remove(array[
         case when exists (select from browsers) then 'browsers' end,
         case when exists (select from others) then 'others' end], null) as outcomes,
       jsonb_build_object(${revokedBrowsers}, ${endedEnrolments('others')}) as patch
     from removed
   ), ${appendEvents($.events, 'guard')}
   select candidate.last, candidate.last_alone as "lastAlone", candidate.last_proved and candidate.changed as again,
     exists (select from removed) as removed
   from candidate`,
);

export const resendCode = statement<SendingRow, { deviceId: string; send: object; events: object }>(
  'device.resend',
  ($) => sql`with open_device as (
     select id from device where id = ${$.deviceId} and status = 'unverified' and enrolment_expires_at > now() for no key update
   ), ${sendCodeParts($.send, 'open_device', 'unverified')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents($.events, 'guard')}
   select ${sendingColumns} from sending`,
);
