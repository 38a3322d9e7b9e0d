import { sql, statement, type Database, type Nothing } from '#persistence';

const noteStore = statement<Nothing, { store: string }>(
  'note-queue-store',
  ($) => sql`insert into known_queue (id, store) values (1, ${$.store})
   on conflict (id) do update set store = excluded.store, noted_at = now() where known_queue.store <> excluded.store`,
);

/** The relay's word on which queue it publishes to; of several relays the last one's. */
export async function noteQueueStore(database: Database, store: string): Promise<void> {
  await database.query(noteStore, { store });
}
