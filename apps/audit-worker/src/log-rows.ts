import type { Database } from '#persistence';
import { insertCheckpoints, lockSigning, readLogs, type LogRow } from './log-rows.sql.js';

// Any fixed number: with it, two workers never sign for the same time, nor write the same file.
const signingLock = 5_113_071_851;

/**
 * The logs that there are.
 * @param places what is known of logs: whose last entry is wanted
 * @param evenIfEarly whether those that have grown are due before their time, too
 */
export function listLogRows(
  database: Database,
  places: readonly { readonly tenantId: string; readonly size: number }[],
  evenIfEarly: boolean,
): Promise<LogRow[]> {
  const tenantIds = places.map(({ tenantId }) => tenantId);
  const sizes = places.map(({ size }) => size);
  return database.query(readLogs, { evenIfEarly, tenantIds, sizes });
}

/** @returns whether this transaction may sign until its end */
export async function takeSigningLock(database: Database): Promise<boolean> {
  return (await database.one(lockSigning, { lock: signingLock }))?.locked === true;
}

/** A checkpoint as it is told in the database. */
export interface SignedCheckpoint {
  readonly tenantId: string;
  readonly size: number;
  readonly root: Buffer;
  readonly signedAt: string;
  readonly note: string;
  readonly vkeys: readonly string[];
}

export async function insertSigned(database: Database, signed: readonly SignedCheckpoint[]): Promise<void> {
  await database.query(insertCheckpoints, {
    tenantIds: signed.map((checkpoint) => checkpoint.tenantId),
    sizes: signed.map((checkpoint) => checkpoint.size),
    signedAt: signed.map((checkpoint) => checkpoint.signedAt),
    roots: signed.map((checkpoint) => checkpoint.root),
    notes: signed.map((checkpoint) => checkpoint.note),
    keyTenants: signed.flatMap(({ tenantId, vkeys }) => vkeys.map(() => tenantId)),
    vkeys: signed.flatMap(({ vkeys }) => vkeys),
  });
}
