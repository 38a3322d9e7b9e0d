import type { SignedCheckpoint } from '#audit-chain';
import type { Database } from '#persistence';
import { insertCheckpoints, lockSigning, readLogs, type LogRow } from './log-rows.sql.js';

// Any fixed number: with it, two workers never sign for the same minute, nor write the same file.
const signingLock = 5_113_071_851;

/**
 * The logs that there are.
 * @param places what is known of logs: the entry whose hash is wanted
 * @param evenIfEarly whether those are due too whose minute is not over yet
 */
export function listLogRows(
  database: Database,
  places: readonly { readonly tenantId: string; readonly sequence: number }[],
  evenIfEarly: boolean,
): Promise<LogRow[]> {
  const tenantIds = places.map(({ tenantId }) => tenantId);
  const sequences = places.map(({ sequence }) => sequence);
  return database.query(readLogs, { evenIfEarly, tenantIds, sequences });
}

/** @returns whether this transaction may sign until its end */
export async function takeSigningLock(database: Database): Promise<boolean> {
  return (await database.one(lockSigning, { lock: signingLock }))?.locked === true;
}

export async function insertSigned(database: Database, signed: readonly SignedCheckpoint[]): Promise<void> {
  await database.query(insertCheckpoints, {
    tenantIds: signed.map((checkpoint) => checkpoint.tenantId),
    sequences: signed.map((checkpoint) => checkpoint.sequence),
    hashes: signed.map((checkpoint) => checkpoint.hash),
    signedAt: signed.map((checkpoint) => checkpoint.signedAt),
    keyIds: signed.map((checkpoint) => checkpoint.keyId),
    signatures: signed.map((checkpoint) => checkpoint.signature),
  });
}
