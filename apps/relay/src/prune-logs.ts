import { newId } from '#contracts';
import type { Database } from '#persistence';
import { listRetentions, pruneLog, recordPruned, type Pruned } from './prune-logs.sql.js';

export interface PrunedLog extends Pruned {
  readonly tenantId: string;
}

export interface PruningOutcome {
  readonly pruned: readonly PrunedLog[];
  /** Tenants whose log cannot be pruned, since no checkpoint of it was ever witnessed. */
  readonly unwitnessed: readonly string[];
  /** Tenants whose log could not be pruned, and why; the others were. */
  readonly failed: readonly { readonly tenantId: string; readonly error: unknown }[];
}

/**
 * Removes, of each log whose tenant's policy says how long it keeps its events, the next of those that are older: a batch of
 * each, in a transaction with the event that tells of it. What is pruned and how far it may go, `prune_log` in the database
 * decides.
 */
export async function pruneLogs(database: Database): Promise<PruningOutcome> {
  const pruned: PrunedLog[] = [];
  const failed: { tenantId: string; error: unknown }[] = [];
  const tenants = await database.query(listRetentions);
  for (const { tenantId, isWitnessed } of tenants) {
    if (!isWitnessed) continue;
    try {
      const found = await pruneNext(database, tenantId);
      if (found) pruned.push({ tenantId, ...found });
    } catch (error) {
      failed.push({ tenantId, error });
    }
  }
  const unwitnessed = tenants.flatMap(({ tenantId, isWitnessed }) => (isWitnessed ? [] : [tenantId]));
  return { pruned, unwitnessed, failed };
}

function pruneNext(database: Database, tenantId: string): Promise<Pruned | undefined> {
  return database.transaction(async () => {
    const pruned = await database.one(pruneLog, { tenantId });
    if (pruned) await database.query(recordPruned, { eventId: newId('event'), tenantId, ...pruned });
    return pruned;
  });
}
