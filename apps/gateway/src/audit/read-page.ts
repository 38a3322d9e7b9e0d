import type { LogRow } from '#audit-events';
import { invalidRequest } from '#contracts';
import type { Database } from '#persistence';
import { selectPruned } from './entries.sql.js';
import { pageOfEvents, type EventPage } from './find-events.sql.js';

/** Below what any policy allows (30 days): an event that is younger was not pruned. */
const neverPrunedMs = 29 * 86_400_000;

/**
 * A page of a log.
 * @throws {Problem} `invalid_request` where it goes on from an event after which others were pruned meanwhile
 */
export async function readPage(database: Database, page: EventPage): Promise<LogRow[]> {
  const [statement, values] = pageOfEvents(page);
  const rows = await database.query(statement, values);
  const { after, order, tenantId } = page;
  if (after && order === 'oldest' && after.time.getTime() < Date.now() - neverPrunedMs) {
    // After the page: what is pruned later was on it.
    const pruned = await database.one(selectPruned, { tenantId });
    assertNoGap(after.sequence, pruned?.size ?? 0, '/query/cursor');
  }
  return rows;
}

/**
 * @param sequence of the event to go on from
 * @throws {Problem} `invalid_request`: whoever goes on from there would miss events and not know it
 */
export function assertNoGap(sequence: number, prunedUpTo: number, pointer: string): void {
  if (sequence >= prunedUpTo) return;
  throw invalidRequest(
    pointer,
    `is an event after which others were pruned, up to sequence ${prunedUpTo}. Leave it out to begin with the oldest event there is`,
  );
}
