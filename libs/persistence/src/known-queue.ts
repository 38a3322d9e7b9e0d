import { type Database } from './database.js';
import { sql, statement } from './statement.js';

const readStore = statement<{ store: string }>('read-queue-store', sql`select store from known_queue`);

/** Undefined before the first relay has started. */
export async function knownQueueStore(database: Database): Promise<string | undefined> {
  return (await database.one(readStore))?.store;
}
