import { jobNames } from '#contracts';
import { statement, type Database } from './database.js';

const ageOfUnpublished = statement(
  'age-of-unpublished-job',
  `select extract(epoch from clock_timestamp() - created_at)::float8 as seconds from outbox
   where published_at is null and set_aside_at is null and job = any ($1)
   order by created_at limit 1`,
);

// The first by transaction: nearly the oldest, found without looking at those behind it. One row at most.
const ageOfUnsealed = statement(
  'age-of-event-outside-the-log',
  `select extract(epoch from clock_timestamp() - e.time)::float8 as seconds
   from audit_cursor c, lateral (
     select e.time from event e
     where e.tx >= c.tx
       and not exists (select from audit_entry a where a.event_id = e.id)
       and not exists (select from unsealable_event s where s.event_id = e.id)
     order by e.tx, e.id limit 1) e`,
);

type Age = { readonly seconds: number };

/** How long the oldest job has been waiting for a relay, in seconds; 0 where none is. */
export async function unpublishedAge(database: Database): Promise<number> {
  return (await database.one<Age>(ageOfUnpublished, [jobNames]))?.seconds ?? 0;
}

/** How long the oldest event has been waiting for an audit worker, in seconds, for those who only look; 0 where none is. */
export async function outsideTheLogAge(database: Database): Promise<number> {
  return (await database.one<Age>(ageOfUnsealed))?.seconds ?? 0;
}
