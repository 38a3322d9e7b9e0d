import { genesisHash, link } from '#audit-chain';
import { newId } from '#contracts';
import { sql, statement, type Database, type Nothing } from '#persistence';
import { encodeRow, eventColumns, eventText, readWhole, UnencodableEventError, type EventRow } from './event-rows.js';

/** Events that one transaction seals at most: some 50 ms of work, so that a stop never waits long. */
export const batchSize = 1000;

export interface SealedBatch {
  readonly sealed: number;
  /** Whether there may be more to seal at once. */
  readonly more: boolean;
  /** Of the requests whose events it sealed, to join one login across all processes. */
  readonly requestIds: readonly string[];
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

// A cursor means something in one cluster only: a database restored into another one meets transaction ids that start
// anew, and events written under ids below the cursor would never be read. Such a cursor is not read by; see
// `readAnyUnsealed`.
const movedFromElsewhere = sql`
  (c.cluster is distinct from (select system_identifier::text from pg_control_system())
   or c.tx > pg_snapshot_xmax(pg_current_snapshot())) as "fromElsewhere"`;

const readCursor = statement<Cursor>(
  'read-audit-cursor',
  sql`select c.tx::text as tx, ${movedFromElsewhere} from audit_cursor c where c.id = 1`,
);

const lockCursor = statement<Cursor & { readonly set_config: string }>(
  'lock-audit-cursor',
  sql`select c.tx::text as tx, ${movedFromElsewhere}, set_config('enable_sort', 'off', true) from audit_cursor c where c.id = 1 for update of c skip locked`,
);

// Every transaction below the horizon has ended, and its rows are visible or never will be. Reading by the order of ids
// instead lost 21 % of the rows with 16 writers, because rows are not committed in the order of their ids.
//
// The snapshot counts the transactions of the whole cluster. One that runs in another database writes no event here, and is
// passed over where its lock on its own id tells so; what is looked at after the snapshot can only have ended meanwhile,
// and then holds the horizon back until the next look. A transaction of this database that writes and stays open does so
// until it ends. So does the sealer's own, which no snapshot of its own counts: it may write events yet, of what it set aside.
const horizon = sql`
  (with elsewhere as materialized (
     select l.transactionid from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted
       and a.datid <> (select oid from pg_database where datname = current_database())
   )
   select least(coalesce(min(running.id), pg_snapshot_xmax(pg_current_snapshot())), pg_current_xact_id_if_assigned())
   from pg_snapshot_xip(pg_current_snapshot()) as running(id)
   where not exists (select from elsewhere where elsewhere.transactionid = running.id::xid))`;
const isUnsealed = sql`not exists (select from audit_entry a where a.event_id = e.id)
    and not exists (select from unsealable_event s where s.event_id = e.id)`;
const unsealedBelow = (tx: string, end: string) => sql`
  from event e
  where e.tx >= ${tx}::xid8
    and e.tx < ${end}
    and ${isUnsealed}`;

// Nothing is written while there is nothing to seal: a lock alone would use up a transaction id at every look.
const anythingUnsealed = statement<{ waiting: boolean }, { tx: string }>(
  'any-event-unsealed',
  ($) => sql`select exists (select ${unsealedBelow($.tx, horizon)}) as waiting`,
);

// The inner order is the index's. Without sorting (see the lock) PostgreSQL reads no further than the batch, whatever it
// knows of the table; with it, statistics from before a backlog had each batch sort all of that: 3.4 s for 50 batches
// out of 50,000 events instead of 0.6 s.
const readUnsealed = statement<BatchRow, { tx: string }>('read-unsealed-events', ($) =>
  readBatch(
    sql`select e.* ${unsealedBelow($.tx, 'h.horizon')} order by e.tx, e.id limit ${batchSize + 1}`,
    'e.tx, e.time, e.id',
  ),
);

// While the cursor is from elsewhere: whatever is there, whichever transaction it is of; the ids of two clusters have no
// order. When this reads the last of it, its own horizon is the new cursor. What its snapshot did not show was written by a
// transaction that was running then or began later, so under an id at or above the horizon, and is read from there. What it
// did show at or above the horizon is sealed, and so not read again.
const readAnyUnsealed = statement<BatchRow>(
  'read-any-unsealed-events',
  readBatch(
    sql`select e.* from event e where ${isUnsealed} order by e.time, e.id limit ${batchSize + 1}`,
    'e.time, e.id',
  ),
);

/**
 * One row without an event where there is none: the horizon counts all the same. It is looked at once (`offset 0`), since a
 * second look may find an earlier one, and what lies between the two would never be read.
 */
function readBatch(events: string, order: string): string {
  return sql`
   select ${eventColumns}, h.horizon::text as horizon
   from (select ${horizon} as horizon offset 0) h left join lateral (${events}) e on true ${eventText}
   order by ${order}`;
}

// By the entries themselves: with a chain's row that says something else, nobody could be sealed any more.
const readHeads = statement<Head, { tenantIds: readonly string[] }>(
  'read-audit-heads',
  ($) => sql`select t.tenant_id as "tenantId", last.sequence, last.hash
   from unnest(${$.tenantIds}::text[]) as t(tenant_id)
   cross join lateral (
     select sequence, hash from audit_entry a where a.tenant_id = t.tenant_id order by sequence desc limit 1
   ) last`,
);

const appendEntries = statement<
  Nothing,
  {
    tenantIds: readonly string[];
    sequences: readonly number[];
    eventIds: readonly string[];
    hashes: readonly Uint8Array[];
    logs: readonly string[];
    ends: readonly number[];
    endHashes: readonly Uint8Array[];
    tx: string | null;
  }
>(
  'append-audit-entries',
  ($) => sql`with entries as (
     insert into audit_entry (tenant_id, sequence, event_id, hash)
     select * from unnest(${$.tenantIds}::text[], ${$.sequences}::bigint[], ${$.eventIds}::text[], ${$.hashes}::bytea[])
   ),
   heads as (
     insert into audit_chain (tenant_id, sequence, hash)
     select * from unnest(${$.logs}::text[], ${$.ends}::bigint[], ${$.endHashes}::bytea[])
     on conflict (tenant_id) do update set sequence = excluded.sequence, hash = excluded.hash
   )
   update audit_cursor
   set tx = ${$.tx}::xid8, cluster = (select system_identifier::text from pg_control_system())
   where id = 1 and ${$.tx}::xid8 is not null`,
);

// As its own event it is sealed next.
const setEventsAside = statement<
  Nothing,
  {
    eventIds: readonly string[];
    tenantIds: readonly string[];
    types: readonly string[];
    reasons: readonly string[];
    toldIds: readonly string[];
  }
>(
  'set-events-aside',
  ($) => sql`with found as (
     select * from unnest(${$.eventIds}::text[], ${$.tenantIds}::text[], ${$.types}::text[], ${$.reasons}::text[], ${$.toldIds}::text[])
       as f(event_id, tenant_id, type, reason, told_id)
   ),
   kept as (
     insert into unsealable_event (event_id, tenant_id, reason) select event_id, tenant_id, reason from found
   )
   insert into event (id, tenant_id, type, data)
   select told_id, tenant_id, 'audit.event_set_aside',
     jsonb_build_object('eventId', event_id, 'type', type, 'reason', reason)
   from found`,
);

interface Cursor {
  readonly tx: string;
  readonly fromElsewhere: boolean;
}

/** What a read of unsealed events yields; `id` is null in the one row that stands for no event. */
type BatchRow = (EventRow | { readonly id: null }) & {
  /** The id below which every transaction had ended in the snapshot of the read. */
  readonly horizon: string;
};

interface Head {
  readonly tenantId: string;
  sequence: number;
  hash: Buffer;
}

const nothing: SealedBatch = { sealed: 0, more: false, requestIds: [], setAside: [] };

/**
 * Seals the next events into their tenants' chains: one transaction, which holds the cursor. Any number of sealers may
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
  const heads = await openHeads(database, [...new Set(rows.map((row) => row.tenantId))]);
  const { entries, setAside } = await linkAll(database, rows, heads);
  // A tenant whose only event was set aside has no chain yet.
  const tails = [...heads.values()].filter(({ sequence }) => sequence > 0);
  if (setAside.length > 0) {
    await database.query(setEventsAside, {
      eventIds: setAside.map(({ eventId }) => eventId),
      tenantIds: setAside.map(({ tenantId }) => tenantId),
      types: setAside.map(({ type }) => type),
      reasons: setAside.map(({ reason }) => reason),
      toldIds: setAside.map(() => newId('event')),
    });
  }
  await database.query(appendEntries, {
    tenantIds: entries.map((entry) => entry.tenantId),
    sequences: entries.map((entry) => entry.sequence),
    eventIds: entries.map((entry) => entry.eventId),
    hashes: entries.map((entry) => entry.hash),
    logs: tails.map((head) => head.tenantId),
    ends: tails.map((head) => head.sequence),
    endHashes: tails.map((head) => head.hash),
    tx: last ? cursorWithin(last) : (found[0]?.horizon ?? null),
  });
  const requestIds = [...new Set(rows.flatMap((row) => row.requestId ?? []))];
  return { sealed: entries.length, more: last !== undefined, requestIds, setAside };
}

interface Entry {
  readonly tenantId: string;
  readonly sequence: number;
  readonly eventId: string;
  readonly hash: Buffer;
}

/** Puts each event at the end of its tenant's chain. One without an encoding must not stop the others, of any tenant. */
async function linkAll(
  database: Database,
  rows: readonly EventRow[],
  heads: ReadonlyMap<string, Head>,
): Promise<{ readonly entries: Entry[]; readonly setAside: SetAsideEvent[] }> {
  const entries: Entry[] = [];
  const setAside: SetAsideEvent[] = [];
  for (const row of rows) {
    const { id: eventId, tenantId, type } = row;
    const head = heads.get(tenantId);
    if (!head) throw new TypeError('A tenant of the batch has no chain.');
    try {
      const encoded = encodeRow(row.data === null ? await readWhole(database, row) : row);
      head.sequence += 1;
      head.hash = link(head.hash, head.sequence, encoded);
      entries.push({ tenantId, sequence: head.sequence, eventId, hash: head.hash });
    } catch (error) {
      if (!(error instanceof UnencodableEventError)) throw error;
      setAside.push({ eventId, tenantId, type, reason: error.message });
    }
  }
  return { entries, setAside };
}

/** Where each tenant's chain ends now. */
async function openHeads(database: Database, tenantIds: readonly string[]): Promise<Map<string, Head>> {
  const heads = new Map(
    tenantIds.map((tenantId) => [tenantId, { tenantId, sequence: 0, hash: genesisHash(tenantId) }]),
  );
  for (const head of await database.query(readHeads, { tenantIds })) heads.set(head.tenantId, head);
  return heads;
}

// The first by transaction: nearly the oldest, found without looking at those behind it.
const age = sql`extract(epoch from clock_timestamp() - e.time)::float8 as seconds`;
const ageOfFirst = statement<{ seconds: number }, { tx: string }>(
  'age-of-unsealed-event',
  ($) => sql`select ${age} from event e where e.tx >= ${$.tx}::xid8 and ${isUnsealed} order by e.tx, e.id limit 1`,
);
const ageOfAny = statement<{ seconds: number }>(
  'age-of-any-unsealed-event',
  sql`select ${age} from event e where ${isUnsealed} order by e.time limit 1`,
);
const countSetAside = statement<{ events: number }>(
  'count-set-aside-events',
  sql`select count(event_id) as events from unsealable_event`,
);

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
