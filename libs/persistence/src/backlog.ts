import { jobNames } from '#contracts';
import type { Database } from './database.js';
import { ageOfUnpublished } from './backlog.sql.js';

/** How long the oldest job has been waiting for a relay, in seconds; 0 where none is. */
export async function unpublishedAge(database: Database): Promise<number> {
  return (await database.one(ageOfUnpublished, { jobs: jobNames }))?.seconds ?? 0;
}
