import { statement, type Database } from '#persistence';

const unsealed = statement(
  'any-event-above-the-log',
  `select exists (
     select from audit_cursor c, lateral (
       select from event e
       where e.tx >= c.tx
         and not exists (select from audit_entry a where a.event_id = e.id)
         and not exists (select from unsealable_event s where s.event_id = e.id)
       order by e.tx, e.id limit 1) e) as waiting`,
);

/** Whether events wait for their seal; those of transactions that have not ended are not seen. */
export async function anyUnsealed(database: Database): Promise<boolean> {
  return (await database.one<{ waiting: boolean }>(unsealed))?.waiting ?? false;
}
