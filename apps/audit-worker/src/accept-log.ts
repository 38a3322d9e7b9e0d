import { newId } from '#contracts';
import type { Database } from '#persistence';
import { KeptCheckpoints, UnreadableCheckpointError, type Place } from './kept-checkpoints.js';
import { LogRefusal } from './log-refusal.js';
import { containedTree } from './read-log.js';
import { rebuildTree } from './rebuild-tree.js';
import { listHeads, recordAcceptance } from './accept-log.sql.js';

export interface LogState {
  readonly tenantId: string;
  /** Entries that the database has. */
  readonly entries: number;
  /** Entries that the kept checkpoint is of; null where none was, or it can't be read. */
  readonly kept: number | null;
  readonly state: 'contained' | 'missing' | 'differs' | 'unreadable' | 'none_kept';
}

/** What was kept of each tenant's log, and whether the log still contains it. */
export async function listLogs(database: Database, stateDir: string): Promise<LogState[]> {
  const kept = await KeptCheckpoints.open(stateDir);
  const heads = await database.query(listHeads, { kept: await kept.tenants() });
  const logs: LogState[] = [];
  for (const { tenantId, entries } of heads) {
    const place = await readKept(kept, tenantId);
    const state = place && place !== 'unreadable' ? await stateOf(database, tenantId, place) : (place ?? 'none_kept');
    logs.push({ tenantId, entries, kept: place && place !== 'unreadable' ? place.size : null, state });
  }
  return logs;
}

export interface Acceptance {
  readonly tenantId: string;
  /** The entry from which on the log is believed as it is; 0 for its beginning. */
  readonly sequence: number;
  /** Recorded in the log itself. */
  readonly reason: string;
}

/**
 * Lets a refused log be signed again, from an entry on that an operator has looked at. The log records it; checkpoints
 * that were signed until now stay, and contradict it.
 * @returns what was given up, or undefined where the log has no such entry
 */
export async function acceptLog(
  database: Database,
  stateDir: string,
  { tenantId, sequence, reason }: Acceptance,
): Promise<{ readonly formerSequence: number | null } | undefined> {
  const kept = await KeptCheckpoints.open(stateDir);
  // What was kept of the tree may be what is wrong.
  const root = await rebuildTree(database, tenantId, sequence);
  if (!root) return undefined;
  const former = await readKept(kept, tenantId);
  const formerSequence = former && former !== 'unreadable' ? former.size : null;
  // Told first: nothing is accepted without a word.
  const values = { eventId: newId('event'), tenantId, sequence, formerSequence, reason };
  const told = await database.one(recordAcceptance, values);
  if (!told) throw new TypeError('The database did not tell its time.');
  await kept.accept(tenantId, { size: sequence, root, acceptedAt: told.now });
  return { formerSequence };
}

async function readKept(kept: KeptCheckpoints, tenantId: string): Promise<Place | 'unreadable' | undefined> {
  try {
    return await kept.read(tenantId);
  } catch (error) {
    if (error instanceof UnreadableCheckpointError) return 'unreadable';
    throw error;
  }
}

async function stateOf(database: Database, tenantId: string, place: Place): Promise<LogState['state']> {
  try {
    await containedTree(database, tenantId, place);
    return 'contained';
  } catch (error) {
    if (!(error instanceof LogRefusal)) throw error;
    return error.reason === 'entry_missing' ? 'missing' : 'differs';
  }
}
