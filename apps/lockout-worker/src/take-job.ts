import type { Database } from '#persistence';
import { deleteJob } from './take-job.sql.js';

/**
 * Takes an event's job out of the outbox, inside the transaction that does it: it is done once, and only as a whole.
 * A second run at the same time waits for the first one's commit, and then finds nothing.
 *
 * @returns false where it was done before
 */
export async function takeJob(database: Database, eventId: string): Promise<boolean> {
  return (await database.one(deleteJob, { id: eventId })) !== undefined;
}
