import { eventOfEach, recordEvents, sql, statement, type Nothing } from '#persistence';
import { eventColumns, eventText, type EventRow } from './event-rows.sql.js';

/** Events that one transaction seals at most: some 50 ms of work, so that a stop never waits long. */
export const batchSize = 1000;

// A cursor means something in one cluster only: a database restored into another one meets transaction ids that start
// anew, and events written under ids below the cursor would never be read. Such a cursor is not read by; see
// `readAnyUnsealed`.
const movedFromElsewhere = sql`
  (c.cluster is distinct from (select system_identifier::text from pg_control_system())
   or c.tx > pg_snapshot_xmax(pg_current_snapshot())) as "fromElsewhere"`;

export const readCursor = statement<Cursor>(
  'read-audit-cursor',
  sql`select c.tx::text as tx, ${movedFromElsewhere} from audit_cursor c where c.id = 1`,
);

export const lockCursor = statement<Cursor & { readonly set_config: string }>(
  'lock-audit-cursor',
  sql`select c.tx::text as tx, ${movedFromElsewhere}, set_config('enable_sort', 'off', true) from audit_cursor c where c.id = 1 for update of c skip locked`,
);

export const holdCursor = statement<{ id: number }>(
  'hold-audit-cursor',
  sql`select id from audit_cursor where id = 1 for update`,
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
export const anythingUnsealed = statement<{ waiting: boolean }, { tx: string }>(
  'any-event-unsealed',
  ($) => sql`select exists (select ${unsealedBelow($.tx, horizon)}) as waiting`,
);

// The inner order is the index's. Without sorting (see the lock) PostgreSQL reads no further than the batch, whatever it
// knows of the table; with it, statistics from before a backlog had each batch sort all of that: 3.4 s for 50 batches
// out of 50,000 events instead of 0.6 s.
export const readUnsealed = statement<BatchRow, { tx: string }>('read-unsealed-events', ($) =>
  readBatch(
    sql`select e.* ${unsealedBelow($.tx, 'h.horizon')} order by e.tx, e.id limit ${batchSize + 1}`,
    'e.tx, e.time, e.id',
  ),
);

// While the cursor is from elsewhere: whatever is there, whichever transaction it is of; the ids of two clusters have no
// order. When this reads the last of it, its own horizon is the new cursor. What its snapshot did not show was written by a
// transaction that was running then or began later, so under an id at or above the horizon, and is read from there. What it
// did show at or above the horizon is sealed, and so not read again.
export const readAnyUnsealed = statement<BatchRow>(
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

// Beside the entries themselves: with a tree's row that says something else, nobody could be sealed any more.
export const readTrees = statement<TreeRow, { tenantIds: readonly string[] }>(
  'read-audit-trees',
  ($) => sql`select t.tenant_id as "tenantId", last.sequence as entries, l.size, l.edge
   from unnest(${$.tenantIds}::text[]) as t(tenant_id)
   cross join lateral (
     select sequence from audit_entry a where a.tenant_id = t.tenant_id order by sequence desc limit 1
   ) last
   left join audit_log l on l.tenant_id = t.tenant_id`,
);

export const appendEntries = statement<
  Nothing,
  {
    tenantIds: readonly string[];
    sequences: readonly number[];
    eventIds: readonly string[];
    leafHashes: readonly Uint8Array[];
    nodeTenants: readonly string[];
    levels: readonly number[];
    indexes: readonly number[];
    nodeHashes: readonly Uint8Array[];
    logs: readonly string[];
    sizes: readonly number[];
    edges: readonly string[];
    tx: string | null;
  }
>(
  'append-audit-entries',
  ($) => sql`with entries as (
     insert into audit_entry (tenant_id, sequence, event_id, leaf_hash)
     select * from unnest(${$.tenantIds}::text[], ${$.sequences}::bigint[], ${$.eventIds}::text[], ${$.leafHashes}::bytea[])
   ),
   nodes as (
     insert into audit_node (tenant_id, level, index, hash)
     select * from unnest(${$.nodeTenants}::text[], ${$.levels}::smallint[], ${$.indexes}::bigint[], ${$.nodeHashes}::bytea[])
     on conflict (tenant_id, level, index) do update set hash = excluded.hash
   ),
   trees as (
     insert into audit_log (tenant_id, size, edge)
     select tenant_id, size, edge::bytea[]
     from unnest(${$.logs}::text[], ${$.sizes}::bigint[], ${$.edges}::text[]) as t(tenant_id, size, edge)
     on conflict (tenant_id) do update set size = excluded.size, edge = excluded.edge
   )
   update audit_cursor
   set tx = ${$.tx}::xid8, cluster = (select system_identifier::text from pg_control_system())
   where id = 1 and ${$.tx}::xid8 is not null`,
);

// As its own event it is sealed next.
export const setEventsAside = statement<
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
     select * from unnest(${$.eventIds}::text[], ${$.tenantIds}::text[], ${$.types}::text[], ${$.reasons}::text[])
       as f(event_id, tenant_id, type, reason)
   ),
   kept as (
     insert into unsealable_event (event_id, tenant_id, reason) select event_id, tenant_id, reason from found
   )
   ${recordEvents(
     $.toldIds,
     eventOfEach('audit.event_set_aside', {
       from: 'found',
       columns: { tenant_id: 'tenant_id' },
       data: { eventId: 'event_id', type: 'type', reason: 'reason' },
     }),
   )}`,
);

interface Cursor {
  readonly tx: string;
  readonly fromElsewhere: boolean;
}

/** What a read of unsealed events yields; `id` is null in the one row that stands for no event. */
export type BatchRow = (EventRow | { readonly id: null }) & {
  /** The id below which every transaction had ended in the snapshot of the read. */
  readonly horizon: string;
};

interface TreeRow {
  readonly tenantId: string;
  readonly entries: number;
  /** Of the tree as its row says; null where there is none. */
  readonly size: number | null;
  readonly edge: Buffer[] | null;
}

// The first by transaction: nearly the oldest, found without looking at those behind it.
const age = sql`extract(epoch from clock_timestamp() - e.time)::float8 as seconds`;

export const ageOfFirst = statement<{ seconds: number }, { tx: string }>(
  'age-of-unsealed-event',
  ($) => sql`select ${age} from event e where e.tx >= ${$.tx}::xid8 and ${isUnsealed} order by e.tx, e.id limit 1`,
);

export const ageOfAny = statement<{ seconds: number }>(
  'age-of-any-unsealed-event',
  sql`select ${age} from event e where ${isUnsealed} order by e.time limit 1`,
);

export const countSetAside = statement<{ events: number }>(
  'count-set-aside-events',
  sql`select count(event_id) as events from unsealable_event`,
);
