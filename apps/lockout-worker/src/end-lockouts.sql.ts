import { eventOfEach, eventOwner, joinOwner, recordEvents, sql, statement } from '#persistence';

/** Lockouts that one statement ends at most. */
export const batchSize = 500;

export const countEnding = statement<{ due: number }>(
  'count-lockouts-to-end',
  sql`select count(*) as due from (
     select from lockout where ended_at is null and locked_until <= now() limit ${batchSize}
   ) found`,
);

// A lock ends when its time is over, whenever that is noticed: the worker may have been away.
export const endElapsed = statement<{ id: string }, { eventIds: readonly string[] }>(
  'end-lockouts',
  ($) => sql`with due as (
     select id from lockout
     where ended_at is null and locked_until <= now()
     order by locked_until limit cardinality(${$.eventIds}::text[])
     for update skip locked
   ),
   ended as (
     update lockout l set ended_at = l.locked_until, end_reason = 'elapsed'
     from due where l.id = due.id
     returning l.*
   ),
   recorded as (${recordEvents(
     $.eventIds,
     eventOfEach('lockout.ended', {
       from: sql`ended l ${joinOwner('l.user_id')}`,
       columns: { tenant_id: 'l.tenant_id', ...eventOwner },
       data: { lockoutId: 'l.id', subject: 'l.subject', deviceId: 'l.device_id', reason: `'elapsed'` },
     }),
   )})
   select id from ended`,
);
