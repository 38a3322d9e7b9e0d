import { sql, statement, unpublishedAge, type Database } from '#persistence';
import type { AppHealth } from '#service';

// The first by transaction: nearly the oldest, found without looking at those behind it. One row at most.
const ageOfUnsealed = statement<{ seconds: number }>(
  'age-of-event-outside-the-log',
  sql`select extract(epoch from clock_timestamp() - e.time)::float8 as seconds
   from audit_cursor c, lateral (
     select e.time from event e
     where e.tx >= c.tx
       and not exists (select from audit_entry a where a.event_id = e.id)
       and not exists (select from unsealable_event s where s.event_id = e.id)
     order by e.tx, e.id limit 1) e`,
);

/** Both are normally done within seconds. */
const longestSeconds = 60;

/**
 * Whether others do with this gateway's work what they should. Where no relay or audit worker runs there is nobody else who
 * could tell; and to take the gateway out would make nothing better.
 */
export async function standstill(database: Database): Promise<AppHealth> {
  const [unpublished, unsealed] = await Promise.all([unpublishedAge(database), unsealedAge(database)]);
  const others = { publishing: unpublished <= longestSeconds, sealing: unsealed <= longestSeconds };
  return {
    others,
    reasons: [
      ...(others.publishing ? [] : [`no relay publishes: the oldest job waits since ${Math.round(unpublished)} s`]),
      ...(others.sealing ? [] : [`no audit worker seals: the oldest event waits since ${Math.round(unsealed)} s`]),
    ],
  };
}

async function unsealedAge(database: Database): Promise<number> {
  return (await database.one(ageOfUnsealed))?.seconds ?? 0;
}
