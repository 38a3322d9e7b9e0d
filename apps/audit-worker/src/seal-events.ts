import { hashLeaf } from '#audit-log';
import { newId } from '#contracts';
import type { Database } from '#persistence';
import { inSpan, tracing } from '#runtime';
import { encodeRow, readWhole, UnencodableEventError } from './event-rows.js';
import type { EventRow } from './event-rows.sql.js';
import { fanOut } from './fan-out.js';
import {
  ageOfAny,
  ageOfFirst,
  anythingUnsealed,
  appendEntries,
  batchSize,
  countSetAside,
  lockCursor,
  readAnyUnsealed,
  readCursor,
  readUnsealed,
  setEventsAside,
  type BatchRow,
} from './seal-events.sql.js';
import { Trees } from './trees.js';

export interface SealedBatch {
  readonly sealed: number;
  /** Whether there may be more to seal at once. */
  readonly more: boolean;
  /** Of the requests whose events it sealed, to join one login across all processes. */
  readonly requestIds: readonly string[];
  /** What it sealed. */
  readonly events: readonly EventRow[];
  /** What could not be sealed, and never will be. */
  readonly setAside: readonly SetAsideEvent[];
}

interface SetAsideEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly type: string;
  /** Words of ours; nothing of the event. */
  readonly reason: string;
}

const nothing: SealedBatch = { sealed: 0, more: false, requestIds: [], events: [], setAside: [] };

/**
 * Seals the next events into their tenants' logs: one transaction, which holds the cursor. Any number of sealers may
 * run; while one is at work, the others find nothing to do.
 *
 * The cursor says: every event of a transaction below it is sealed. It needs no queue to tell of new events, so the
 * loss of a queue loses none.
 */
export async function sealEvents(database: Database): Promise<SealedBatch> {
  const seen = await database.one(readCursor);
  if (!seen) throw new Error('The row of audit_cursor is missing: restore it from the backup, or insert (1, 0).');
  if (!seen.fromElsewhere) {
    const found = await database.one(anythingUnsealed, { tx: seen.tx });
    if (!found?.waiting) return nothing;
  }
  // Looks that find nothing, many a second, are no traces.
  const span = tracing()?.begin({ name: 'seal events', kind: 'internal' });
  return inSpan(span, async () => {
    const batch = await sealBatch(database);
    span?.add({ 'sallyport.events': batch.sealed });
    return batch;
  });
}

function sealBatch(database: Database): Promise<SealedBatch> {
  return database.transaction(async () => {
    const cursor = await database.one(lockCursor);
    if (!cursor) return nothing;
    if (cursor.fromElsewhere) {
      const found = await database.query(readAnyUnsealed);
      return append(database, found, () => null);
    }
    const found = await database.query(readUnsealed, { tx: cursor.tx });
    // The batch may have ended in the middle of a transaction.
    return append(database, found, (last) => last.tx);
  });
}

/** @param cursorWithin where the cursor goes while there is more; null leaves it where it is */
async function append(
  database: Database,
  found: readonly BatchRow[],
  cursorWithin: (last: EventRow) => string | null,
): Promise<SealedBatch> {
  // One row more was read, only to know whether there is one.
  const rows = found.slice(0, batchSize).filter((row) => row.id !== null) as EventRow[];
  const last = found.length > batchSize ? rows.at(-1) : undefined;
  const trees = await Trees.open(database, [...new Set(rows.map((row) => row.tenantId))]);
  const { entries, setAside } = await appendAll(database, rows, trees);
  if (setAside.length > 0) {
    await database.query(setEventsAside, {
      eventIds: setAside.map(({ eventId }) => eventId),
      tenantIds: setAside.map(({ tenantId }) => tenantId),
      types: setAside.map(({ type }) => type),
      reasons: setAside.map(({ reason }) => reason),
      toldIds: setAside.map(() => newId('event')),
    });
  }
  await writeEntries(database, entries, trees, last ? cursorWithin(last) : (found[0]?.horizon ?? null));
  const unsealed = new Set(setAside.map(({ eventId }) => eventId));
  const events = rows.filter(({ id }) => !unsealed.has(id));
  await fanOut(database, events);
  const requestIds = [...new Set(rows.flatMap((row) => row.requestId ?? []))];
  return { sealed: entries.length, more: last !== undefined, requestIds, events, setAside };
}

interface Entry {
  readonly tenantId: string;
  readonly sequence: number;
  readonly eventId: string;
  readonly leafHash: Buffer;
}

/** Puts each event at the end of its tenant's log. One without an encoding must not stop the others, of any tenant. */
async function appendAll(
  database: Database,
  rows: readonly EventRow[],
  trees: Trees,
): Promise<{ readonly entries: Entry[]; readonly setAside: SetAsideEvent[] }> {
  const entries: Entry[] = [];
  const setAside: SetAsideEvent[] = [];
  for (const row of rows) {
    const { id: eventId, tenantId, type } = row;
    try {
      const leafHash = hashLeaf(encodeRow(row.data === null ? await readWhole(database, row) : row));
      entries.push({ tenantId, sequence: trees.append(tenantId, leafHash), eventId, leafHash });
    } catch (error) {
      if (!(error instanceof UnencodableEventError)) throw error;
      setAside.push({ eventId, tenantId, type, reason: error.message });
    }
  }
  return { entries, setAside };
}

/**
 * Writes down new entries and what became of the trees.
 * @param tx where the cursor goes; null leaves it where it is
 */
export async function writeEntries(
  database: Database,
  entries: readonly Entry[],
  trees: Trees,
  tx: string | null,
): Promise<void> {
  const grown = trees.changed();
  await database.query(appendEntries, {
    tenantIds: entries.map((entry) => entry.tenantId),
    sequences: entries.map((entry) => entry.sequence),
    eventIds: entries.map((entry) => entry.eventId),
    leafHashes: entries.map((entry) => entry.leafHash),
    nodeTenants: trees.nodes.map((node) => node.tenantId),
    levels: trees.nodes.map((node) => node.level),
    indexes: trees.nodes.map((node) => node.index),
    nodeHashes: trees.nodes.map((node) => node.hash),
    logs: grown.map((tree) => tree.tenantId),
    sizes: grown.map((tree) => tree.size),
    edges: grown.map((tree) => tree.edge),
    tx,
  });
}

/** How long the oldest event has been waiting for its seal, in seconds; 0 where none is. */
export async function unsealedAge(database: Database): Promise<number> {
  const cursor = await database.one(readCursor);
  if (!cursor) return Infinity;
  const first = cursor.fromElsewhere ? await database.one(ageOfAny) : await database.one(ageOfFirst, { tx: cursor.tx });
  return Math.max(0, first?.seconds ?? 0);
}

/** How many events have been set aside, ever, and not been taken back. */
export async function setAsideCount(database: Database): Promise<number> {
  return (await database.one(countSetAside))?.events ?? 0;
}
