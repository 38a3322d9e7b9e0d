import type { Database } from '#persistence';
import { agedPurges, purgeBatch, purges } from './purge-expired.sql.js';
import { batchesPerTurn, repeatBatches } from './repeat-batches.js';

export interface Purged {
  readonly removed: number;
  /** Whether a table has more of it than one turn removes. */
  readonly more: boolean;
}

/** Removes what is no longer needed, some batches of each table. */
export async function purgeExpired(database: Database): Promise<Purged> {
  let removed = 0;
  let more = false;
  const batches = [
    ...purges.map((statement) => () => database.query(statement)),
    ...agedPurges.map(
      ({ statement, values }) =>
        () =>
          database.query(statement, values()),
    ),
  ];
  for (const batch of batches) {
    const count = await repeatBatches(async () => (await batch()).length, purgeBatch);
    removed += count;
    more ||= count === batchesPerTurn * purgeBatch;
  }
  return { removed, more };
}
