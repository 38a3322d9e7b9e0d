import type { Database } from '#persistence';
import type { EntryRow } from '#audit-events';
import { entriesAtOnce, selectEntries, type EventFilters } from './export-log.sql.js';

/** What is read of a log. */
export interface Reading {
  readonly tenantId: string;
  /** Sequences: those above `after`, up to `end`. */
  readonly after: number;
  readonly end: number;
  readonly filters: EventFilters;
  /** Ends the reading between two pages. */
  readonly signal: AbortSignal;
}

/** The entries that are meant of a part of a log, and the sequence up to which it has been read. */
export interface EntryPage {
  readonly rows: readonly EntryRow[];
  readonly upTo: number;
}

/** Pages of a log. The next one is read while the one before is written: two are in memory, however long the log is. */
export async function* readEntries(database: Database, reading: Reading): AsyncGenerator<EntryPage> {
  const { tenantId, end, filters, signal } = reading;
  const none = { account: undefined, user: undefined, types: undefined, from: undefined, to: undefined };
  const read = (after: number) => {
    const rows = database.query(selectEntries, { ...none, ...filters, tenantId, after, end });
    // Waited for below; until then nobody hears that it failed.
    rows.catch(() => undefined);
    return { rows, upTo: Math.min(after + entriesAtOnce, end) };
  };
  let next = reading.after < end ? read(reading.after) : undefined;
  while (next && !signal.aborted) {
    const rows = await next.rows;
    const { upTo } = next;
    next = upTo < end ? read(upTo) : undefined;
    yield { rows, upTo };
  }
  // Nothing is under way when the database is closed.
  await next?.rows.catch(() => undefined);
}
