import { Injectable } from '@nestjs/common';
import { appendEvents, Database, event, eventsParameter, statement } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { id, time } from '../http/schemas.js';
import { admits } from '../rows/device-row.js';
import { UserContext } from '../rows/user-row.js';

export const lockoutAnswer = z
  .object({
    id: id('lck'),
    subject: z.enum(['device', 'recovery_codes']),
    deviceId: id('dev').nullable(),
    wrongCodes: z.int().meta({ description: 'Number of consecutive wrong codes that caused it' }),
    startedAt: time,
    lockedUntil: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'Lockout' });
export type LockoutAnswer = z.infer<typeof lockoutAnswer>;

const lockoutFields = `
  'id', id, 'subject', subject, 'deviceId', device_id, 'wrongCodes', wrong_codes, 'startedAt', started_at,
  'lockedUntil', locked_until,
  'endedAt', coalesce(ended_at, case when locked_until <= now() then locked_until end)`;

/** A user's locks that still last, as JSON for a subquery; `viewLockout` reads them. */
export function lastingLockouts(userRef: string): string {
  return `(select coalesce(json_agg(json_build_object(${lockoutFields}) order by started_at desc), '[]')
    from lockout where user_id = ${userRef} and ended_at is null and locked_until > now())`;
}

/** Times as PostgreSQL writes them in JSON, brought to the form of the API. */
export function viewLockout(row: LockoutAnswer): LockoutAnswer {
  const { startedAt, lockedUntil, endedAt } = row;
  const iso = (time: string) => new Date(time).toISOString();
  return { ...row, startedAt: iso(startedAt), lockedUntil: iso(lockedUntil), endedAt: endedAt && iso(endedAt) };
}

const selectLockouts = statement(
  'lockout.list',
  `select json_build_object(${lockoutFields}) as lockout
   from lockout l
   where user_id = $1 and ($2::text is null or not exists (
     select from device d where d.id = l.device_id and not ${admits('d', '$2')}))
   order by started_at desc limit 100`,
);

/** Locks lifted by one statement; it is repeated while there are more. */
const liftedAtOnce = 100;

/** Each of the events in $3, `1`, `2` and so on, is of the lock that has this place among those lifted. */
const liftLockouts = statement(
  'lockout.lift',
  `with u as (select id from app_user where id = $1 for no key update),
   held as (select d.id from u, device d where d.user_id = u.id order by d.id for update of d),
   devices as (
     update device d set wrong_codes = 0, locked_until = null, known_wrong_codes = 0, known_locked_until = null
     from held where d.id = held.id and d.status <> 'disabled'
       and (d.wrong_codes > 0 or d.locked_until is not null or d.known_wrong_codes > 0 or d.known_locked_until is not null)
   ), pool as (
     update recovery_pool set wrong_codes = 0 where user_id = $1
   ), lasting as (
     select id from lockout where user_id = $1 and ended_at is null and locked_until > now()
     order by id limit ${liftedAtOnce} for update
   ), lifted as (
     update lockout l set ended_at = now(), end_reason = 'lifted' from lasting where l.id = lasting.id
     returning l.id, l.subject, l.device_id
   ), numbered as (select *, row_number() over (order by id) as n from lifted),
   guard as (
     select array[n::text] as outcomes, jsonb_build_object('lockout.ended', jsonb_strip_nulls(jsonb_build_object(
       'lockoutId', id, 'subject', subject, 'deviceId', device_id))) as patch
     from numbered
   ), ${appendEvents('$2', 'guard')}
   select count(*)::int as lifted from lifted`,
);

/** Locks of a user: seen, and lifted by an administrator. */
@Injectable()
export class Lockouts {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
  ) {}

  async list(caller: Caller, accountId: string, userId: string): Promise<LockoutAnswer[]> {
    const { userRef } = await this.users.find(caller, accountId, userId);
    const rows = await this.database.query<{ lockout: LockoutAnswer }>(selectLockouts, [userRef, caller.application]);
    return rows.map(({ lockout }) => viewLockout(lockout));
  }

  /** Ends every lock and starts the counters anew. A disabled device stays so: it has to be enrolled again. */
  async lift(caller: Caller, accountId: string, userId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    const places = Array.from({ length: liftedAtOnce }, (_, index) => String(index + 1));
    for (let lifted = liftedAtOnce; lifted === liftedAtOnce;) {
      const ended = places.map((when) => event('lockout.ended', { reason: 'lifted' }, { when }));
      const events = eventsParameter(this.users.events(caller, row), ended);
      lifted = (await this.database.one<{ lifted: number }>(liftLockouts, [row.userRef, events]))?.lifted ?? 0;
    }
  }
}
