import { sql, statement } from '#persistence';
import { eventColumns, eventText, type EventRow } from './event-rows.sql.js';

/** Entries that are read at once. */
const batchSize = 500;

/** Checkpoints that are looked at, of those that the database shows. */
const mostCheckpoints = 1000;

// By a range, since they have no gaps: whatever PostgreSQL knows of the tables, it reads no more than these.
export const readEntries = statement<EntryRow, { tenantId: string; after: number }>(
  'read-audit-entries',
  (
    $,
  ) => sql`select a.sequence, a.leaf_hash as "leafHash", coalesce(a.sequence <= p.size, false) as "isPruned", ${eventColumns}
   from audit_entry a left join audit_pruned p on p.tenant_id = a.tenant_id
   left join event e on e.id = a.event_id ${eventText}
   where a.tenant_id = ${$.tenantId} and a.sequence > ${$.after}::bigint and a.sequence <= ${$.after}::bigint + ${batchSize}
   order by a.sequence`,
);

export const readLeaf = statement<{ hash: Buffer }, { tenantId: string; sequence: number }>(
  'read-audit-leaf',
  ($) => sql`select leaf_hash as hash from audit_entry where tenant_id = ${$.tenantId} and sequence = ${$.sequence}`,
);

/** Leaf hashes that are read at once. */
const leavesAtOnce = 10_000;

export const readLeaves = statement<{ sequence: number; hash: Buffer }, { tenantId: string; after: number }>(
  'read-audit-leaves',
  ($) => sql`select sequence, leaf_hash as hash from audit_entry
   where tenant_id = ${$.tenantId} and sequence > ${$.after}::bigint and sequence <= ${$.after}::bigint + ${leavesAtOnce}
   order by sequence`,
);

export const readNotes = statement<{ note: string }, { tenantId: string; from: number; acceptedAt: string | null }>(
  'read-checkpoint-notes',
  ($) => sql`select note from audit_checkpoint
   where tenant_id = ${$.tenantId} and size >= ${$.from} and (${$.acceptedAt}::timestamptz is null or signed_at > ${$.acceptedAt})
   order by size desc, signed_at desc limit ${mostCheckpoints}`,
);

export type EntryRow = (EventRow | { readonly id: null }) & {
  readonly sequence: number;
  readonly leafHash: Buffer;
  readonly isPruned: boolean;
};
