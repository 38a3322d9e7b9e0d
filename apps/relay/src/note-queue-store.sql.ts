import { sql, statement, type Nothing } from '#persistence';

export const noteStore = statement<Nothing, { store: string }>(
  'note-queue-store',
  ($) => sql`insert into known_queue (id, store) values (1, ${$.store})
   on conflict (id) do update set store = excluded.store, noted_at = now() where known_queue.store <> excluded.store`,
);
