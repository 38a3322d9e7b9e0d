import type { Database } from './database.js';
import { readStore } from './known-queue.sql.js';

/** Undefined before the first relay has started. */
export async function knownQueueStore(database: Database): Promise<string | undefined> {
  return (await database.one(readStore))?.store;
}
