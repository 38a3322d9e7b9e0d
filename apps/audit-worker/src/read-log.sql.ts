import { isoMicroseconds, sql, statement } from '#persistence';
import { eventColumns, eventText, type EventRow } from './event-rows.sql.js';
import { SignedCheckpoint } from '#audit-chain';

/** Entries that are read at once. */
const batchSize = 500;

/** Checkpoints that are looked at, of those that the database shows. */
const mostCheckpoints = 1000;

// By a range, since they have no gaps: whatever PostgreSQL knows of the tables, it reads no more than these.
export const readEntries = statement<EntryRow, { tenantId: string; after: number }>(
  'read-audit-entries',
  ($) => sql`select a.sequence, a.hash as "entryHash", ${eventColumns}
   from audit_entry a left join event e on e.id = a.event_id ${eventText}
   where a.tenant_id = ${$.tenantId} and a.sequence > ${$.after}::bigint and a.sequence <= ${$.after}::bigint + ${batchSize}
   order by a.sequence`,
);

export const readHash = statement<{ hash: Buffer }, { tenantId: string; sequence: number }>(
  'read-audit-entry-hash',
  ($) => sql`select hash from audit_entry where tenant_id = ${$.tenantId} and sequence = ${$.sequence}`,
);

export const readCheckpoints = statement<
  SignedCheckpoint,
  { tenantId: string; after: number; keyId: string; acceptedAt: string | null }
>(
  'read-own-checkpoints',
  (
    $,
  ) => sql`select tenant_id as "tenantId", sequence, hash, ${isoMicroseconds('signed_at')} as "signedAt", key_id as "keyId", signature
   from audit_checkpoint
   where tenant_id = ${$.tenantId} and sequence > ${$.after} and key_id = ${$.keyId} and (${$.acceptedAt}::timestamptz is null or signed_at > ${$.acceptedAt})
   order by sequence desc limit ${mostCheckpoints}`,
);

export type EntryRow = (EventRow | { readonly id: null }) & { readonly sequence: number; readonly entryHash: Buffer };
