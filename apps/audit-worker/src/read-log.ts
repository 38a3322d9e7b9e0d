import { createPublicKey, type KeyObject } from 'node:crypto';
import { genesisHash, link, verifyCheckpoint, type SignedCheckpoint } from '#audit-chain';
import { sql, statement, type Database } from '#persistence';
import type { SigningKey } from '#runtime';
import { encodeRow, eventColumns, eventText, readWhole, UnencodableEventError, type EventRow } from './event-rows.js';
import type { Place } from './kept-checkpoints.js';
import { LogRefusal } from './log-refusal.js';

/** Entries that are read at once. */
const batchSize = 500;

/** Checkpoints that are looked at, of those that the database shows. */
const mostCheckpoints = 1000;

// By a range, since they have no gaps: whatever PostgreSQL knows of the tables, it reads no more than these.
const readEntries = statement<EntryRow, { tenantId: string; after: number }>(
  'read-audit-entries',
  ($) => sql`select a.sequence, a.hash as "entryHash", ${eventColumns}
   from audit_entry a left join event e on e.id = a.event_id ${eventText}
   where a.tenant_id = ${$.tenantId} and a.sequence > ${$.after}::bigint and a.sequence <= ${$.after}::bigint + ${batchSize}
   order by a.sequence`,
);

const readHash = statement<{ hash: Buffer }, { tenantId: string; sequence: number }>(
  'read-audit-entry-hash',
  ($) => sql`select hash from audit_entry where tenant_id = ${$.tenantId} and sequence = ${$.sequence}`,
);

const signedText = sql`to_char(signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const readCheckpoints = statement<
  SignedCheckpoint,
  { tenantId: string; after: number; keyId: string; acceptedAt: string | null }
>(
  'read-own-checkpoints',
  ($) => sql`select tenant_id as "tenantId", sequence, hash, ${signedText} as "signedAt", key_id as "keyId", signature
   from audit_checkpoint
   where tenant_id = ${$.tenantId} and sequence > ${$.after} and key_id = ${$.keyId} and (${$.acceptedAt}::timestamptz is null or signed_at > ${$.acceptedAt})
   order by sequence desc limit ${mostCheckpoints}`,
);

type EntryRow = (EventRow | { readonly id: null }) & { readonly sequence: number; readonly entryHash: Buffer };

/** The hash of one entry as the database has it, undefined where it has none. */
export async function hashAt(database: Database, tenantId: string, sequence: number): Promise<Buffer | undefined> {
  if (sequence === 0) return genesisHash(tenantId);
  return (await database.one(readHash, { tenantId, sequence }))?.hash;
}

/** Checkpoints after a place that really were signed with this key, newest first. */
export async function ownCheckpoints(
  database: Database,
  key: SigningKey,
  tenantId: string,
  after: { readonly sequence: number; readonly acceptedAt: string | null },
): Promise<SignedCheckpoint[]> {
  const found = await database.query(readCheckpoints, {
    tenantId,
    after: after.sequence,
    keyId: key.id,
    acceptedAt: after.acceptedAt,
  });
  const publicKey: KeyObject = createPublicKey(key.privateKey);
  return found.filter((checkpoint) => verifyCheckpoint(checkpoint, publicKey));
}

export interface LogReading {
  readonly tenantId: string;
  /** Where it begins. That the log has this place has been looked at. */
  readonly from: Place;
  /** How far it goes at least. */
  readonly upTo: number;
  /** What the log has to contain further on. */
  readonly milestones: readonly { readonly sequence: number; readonly hash: Uint8Array }[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a log from a place that is known: each entry is computed anew from its event and the entry before.
 * @returns the last entry
 * @throws {LogRefusal} where the log is no continuation of that place
 */
export async function followLog(database: Database, reading: LogReading): Promise<Place> {
  const { tenantId, from, signal } = reading;
  const milestones = reading.milestones.toSorted((a, b) => a.sequence - b.sequence);
  const end = Math.max(reading.upTo, milestones.at(-1)?.sequence ?? 0);
  let at = from;
  while (at.sequence < end) {
    signal?.throwIfAborted();
    const rows = await database.query(readEntries, { tenantId, after: at.sequence });
    if (rows.length === 0) throw new LogRefusal('entry_missing', at.sequence + 1);
    for (const row of rows) {
      const whole = row.id !== null && row.data === null ? await readWhole(database, row) : row;
      at = { ...at, ...nextPlace(tenantId, at, whole) };
      for (; milestones[0]?.sequence === at.sequence; milestones.shift()) {
        if (!at.hash.equals(milestones[0].hash)) throw new LogRefusal('checkpoint_contradicted', at.sequence);
      }
    }
  }
  return at;
}

function nextPlace(tenantId: string, { sequence, hash }: Place, row: EntryRow): { sequence: number; hash: Buffer } {
  const expected = sequence + 1;
  const next =
    row.sequence === expected && row.id !== null && row.tenantId === tenantId ? linked(hash, row) : undefined;
  if (!next?.equals(row.entryHash)) throw new LogRefusal('chain_broken', expected);
  return { sequence: expected, hash: next };
}

function linked(previous: Buffer, row: EventRow & { readonly sequence: number }): Buffer | undefined {
  try {
    return link(previous, row.sequence, encodeRow(row));
  } catch (error) {
    // What has no encoding was never sealed.
    if (error instanceof UnencodableEventError) return undefined;
    throw error;
  }
}
