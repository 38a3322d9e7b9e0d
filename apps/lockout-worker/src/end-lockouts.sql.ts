import { sql, statement } from '#persistence';

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
   told as (
     select ended.*, row_number() over (order by locked_until) as n from ended
   ),
   recorded as (
     insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
     select (${$.eventIds}::text[])[t.n], t.tenant_id, 'lockout.ended', a.external_id, u.external_id, u.id,
       jsonb_strip_nulls(jsonb_build_object('lockoutId', t.id, 'subject', t.subject, 'deviceId', t.device_id,
         'reason', 'elapsed'))
     from told t
     join app_user u on u.id = t.user_id
     join account a on a.id = u.account_id
   )
   select id from ended`,
);
