import type { Database } from '#persistence';
import { noteStore } from './note-queue-store.sql.js';

/** The relay's word on which queue it publishes to; of several relays the last one's. */
export async function noteQueueStore(database: Database, store: string): Promise<void> {
  await database.query(noteStore, { store });
}
