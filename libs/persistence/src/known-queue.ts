import { statement, type Database } from './database.js';

const noteStore = statement(
  'note-queue-store',
  `insert into known_queue (id, store) values (1, $1)
   on conflict (id) do update set store = excluded.store, noted_at = now() where known_queue.store <> excluded.store`,
);

const readStore = statement('read-queue-store', 'select store from known_queue');

/** The relay's word on which queue it publishes to; of several relays the last one's. */
export async function noteQueueStore(database: Database, store: string): Promise<void> {
  await database.query(noteStore, [store]);
}

/** Undefined before the first relay has started. */
export async function knownQueueStore(database: Database): Promise<string | undefined> {
  return (await database.one<{ store: string }>(readStore))?.store;
}
