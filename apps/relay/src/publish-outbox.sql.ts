import { sql, statement, type Nothing } from '#persistence';
import type { JobName, OutboxPayload } from '#contracts';

export interface OutboxRow {
  readonly id: string;
  readonly job: JobName;
  readonly payload: OutboxPayload;
  readonly publications: number;
  /** Whose delivery it is about; null where it is about none, or about one that is gone. */
  readonly tenantId: string | null;
}

/** Most looks find nothing: they are to be short. */
export const anyUnpublished = statement<{ id: string }, { jobs: readonly JobName[] }>(
  'relay-any-unpublished',
  ($) => sql`select id from outbox where published_at is null and job = any (${$.jobs}) limit 1`,
);

// By state, not by a cursor: commit order is not insert order, and `id > cursor` lost 21 % of the rows with 16 writers.
// A job that only a newer version knows waits for a newer relay.
export const takeUnpublished = statement<OutboxRow, { jobs: readonly JobName[]; limit: number }>(
  'relay-take-unpublished',
  ($) => sql`select id, job, payload, publications,
     (select tenant_id from delivery d where d.id = o.payload ->> 'deliveryId') as "tenantId"
   from outbox o
   where published_at is null and job = any (${$.jobs})
   order by created_at limit ${$.limit}
   for update of o skip locked`,
);

export const markPublished = statement<Nothing, { ids: readonly string[] }>(
  'relay-mark-published',
  ($) =>
    sql`update outbox set published_at = clock_timestamp(), left_until = null, publications = publications + 1 where id = any (${$.ids})`,
);
