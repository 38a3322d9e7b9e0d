import { sql, statement } from '#persistence';

/** Whether events wait for their seal; those of transactions that have not ended are not seen. */
export const anyUnsealed = statement<{ waiting: boolean }>(
  'any-event-above-the-log',
  sql`select exists (
     select from audit_cursor c, lateral (
       select from event e
       where e.tx >= c.tx
         and not exists (select from audit_entry a where a.event_id = e.id)
         and not exists (select from unsealable_event s where s.event_id = e.id)
       order by e.tx, e.id limit 1) e) as waiting`,
);
