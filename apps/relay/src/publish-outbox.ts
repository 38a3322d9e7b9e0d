import { jobNames } from '#contracts';
import type { JobPublisher, Publication } from '#messaging';
import type { Database } from '#persistence';
import { anyUnpublished, takeUnpublished, type OutboxRow } from './publish-outbox.sql.js';

/** Rows published in one transaction: whoever comes meanwhile waits for all of them. */
export const publishBatch = 200;

/**
 * Marks unpublished rows, of each line the oldest, and publishes them, in one transaction: another relay skips the locked rows, and
 * what could not be published is not marked. After a crash before the end of it they are published again under the same job ids,
 * which the queue ignores.
 * @returns what was published
 * @throws where the database or the queue is away
 */
export async function publishOutbox(
  database: Database,
  publisher: Pick<JobPublisher, 'publish'>,
): Promise<readonly OutboxRow[]> {
  if (!(await database.one(anyUnpublished, { jobs: jobNames }))) return [];
  return database.transaction(async () => {
    const rows = await database.query(takeUnpublished, { jobs: jobNames, limit: publishBatch });
    if (rows.length > 0) await publisher.publish(rows.map(toPublication));
    return rows;
  });
}

function toPublication({ id, job, line, payload, publications }: OutboxRow): Publication {
  const { traceparent, ...own } = payload;
  return { job, payload: own, id: publishedId(id, publications), line: line || undefined, traceparent } as Publication;
}

/**
 * The id of a job in its queue. A queue ignores the id of a job that it has already done: what is published again needs
 * one of its own.
 * @param before how often it was published before
 */
export function publishedId(id: string, before: number): string {
  return before === 0 ? id : `${id}-r${before}`;
}
