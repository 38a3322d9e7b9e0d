import { newId } from '#contracts';
import type { Database } from '#persistence';
import { countEnding, endElapsed } from './end-lockouts.sql.js';

/**
 * Ends lockouts whose time is over, each with its event. Checks look at the time, so these lock nobody any more; this is
 * what says so. Several workers may do it at once: each skips the rows that another one holds.
 *
 * @returns how many were ended; `batchSize` means that there may be more
 */
export async function endLockouts(database: Database): Promise<number> {
  const due = (await database.one(countEnding))?.due ?? 0;
  if (due === 0) return 0;
  const eventIds = Array.from({ length: due }, () => newId('event'));
  return (await database.query(endElapsed, { eventIds })).length;
}
