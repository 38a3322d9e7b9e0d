import { appendEvents, sql, statement } from '#persistence';
import { admits } from '../rows/device-row.js';

const lockoutFields = sql`
  'id', id, 'subject', subject, 'deviceId', device_id, 'wrongCodes', wrong_codes, 'startedAt', started_at,
  'lockedUntil', locked_until,
  'endedAt', coalesce(ended_at, case when locked_until <= now() then locked_until end)`;

/** A user's locks that still last, as JSON for a subquery; `viewLockout` reads them. */
export function lastingLockouts(userRef: string): string {
  return sql`(select coalesce(json_agg(json_build_object(${lockoutFields}) order by started_at desc), '[]')
    from lockout where user_id = ${userRef} and ended_at is null and locked_until > now())`;
}

export const selectLockouts = statement<{ lockout: LockoutRow }, { userRef: string; application: string | null }>(
  'lockout.list',
  ($) => sql`select json_build_object(${lockoutFields}) as lockout
   from lockout l
   where user_id = ${$.userRef} and (${$.application}::text is null or not exists (
     select from device d where d.id = l.device_id and not ${admits('d', $.application)}))
   order by started_at desc limit 100`,
);

/** Locks lifted by one statement; it is repeated while there are more. */
export const liftedAtOnce = 100;

/** Each of the events, `1`, `2` and so on, is of the lock that has this place among those lifted. */
export const liftLockouts = statement<{ lifted: number }, { userRef: string; events: string }>(
  'lockout.lift',
  ($) => sql`with locked_user as (select id from app_user where id = ${$.userRef} for no key update),
   held as (select d.id from locked_user, device d where d.user_id = locked_user.id order by d.id for update of d),
   devices as (
     update device d set wrong_codes = 0, locked_until = null, known_wrong_codes = 0, known_locked_until = null
     from held where d.id = held.id and d.status <> 'disabled'
       and (d.wrong_codes > 0 or d.locked_until is not null or d.known_wrong_codes > 0 or d.known_locked_until is not null)
   ), pool as (
     update recovery_pool set wrong_codes = 0 where user_id = ${$.userRef}
   ), lasting as (
     select id from lockout where user_id = ${$.userRef} and ended_at is null and locked_until > now()
     order by id limit ${liftedAtOnce} for update
   ), lifted as (
     update lockout l set ended_at = now(), end_reason = 'lifted' from lasting where l.id = lasting.id
     returning l.id, l.subject, l.device_id
   ), numbered as (select *, row_number() over (order by id) as n from lifted),
   guard as (
     select array[n::text] as outcomes, jsonb_build_object('lockout.ended', jsonb_strip_nulls(jsonb_build_object(
       'lockoutId', id, 'subject', subject, 'deviceId', device_id))) as patch
     from numbered
   ), ${appendEvents($.events, 'guard')}
   select count(*)::int as lifted from lifted`,
);

/** A lock, with its times as PostgreSQL writes them in JSON. */
export interface LockoutRow {
  readonly id: string;
  readonly subject: 'device' | 'recovery_codes';
  readonly deviceId: string | null;
  readonly wrongCodes: number;
  readonly startedAt: string;
  readonly lockedUntil: string;
  readonly endedAt: string | null;
}
