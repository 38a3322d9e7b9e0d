import { statement, type Database } from '#persistence';

const noteStore = statement(
  'note-queue-store',
  `insert into known_queue (id, store) values (1, $1)
   on conflict (id) do update set store = excluded.store, noted_at = now() where known_queue.store <> excluded.store`,
);

/** The relay's word on which queue it publishes to; of several relays the last one's. */
export async function noteQueueStore(database: Database, store: string): Promise<void> {
  await database.query(noteStore, [store]);
}
