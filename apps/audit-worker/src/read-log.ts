import { createPublicKey, type KeyObject } from 'node:crypto';
import { genesisHash, link, verifyCheckpoint, type SignedCheckpoint } from '#audit-chain';
import type { Database } from '#persistence';
import type { SigningKey } from '#runtime';
import { encodeRow, readWhole, UnencodableEventError } from './event-rows.js';
import type { EventRow } from './event-rows.sql.js';
import type { Place } from './kept-checkpoints.js';
import { LogRefusal } from './log-refusal.js';
import { readCheckpoints, readEntries, readHash, type EntryRow } from './read-log.sql.js';

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
    return link(previous, row.sequence, Buffer.from(encodeRow(row)));
  } catch (error) {
    // What has no encoding was never sealed.
    if (error instanceof UnencodableEventError) return undefined;
    throw error;
  }
}
