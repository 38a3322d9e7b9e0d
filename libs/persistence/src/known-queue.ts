import { statement, type Database } from './database.js';

const readStore = statement('read-queue-store', 'select store from known_queue');

/** Undefined before the first relay has started. */
export async function knownQueueStore(database: Database): Promise<string | undefined> {
  return (await database.one<{ store: string }>(readStore))?.store;
}
