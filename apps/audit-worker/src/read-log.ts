import {
  hashLeaf,
  MalformedError,
  openCheckpoint,
  treeStateAt,
  UnverifiedError,
  noWitness,
  type NodeAddress,
  type TreeHead,
  type TreeState,
} from '#audit-log';
import { auditHashes, isKeptLevel, MissingHashesError, type Database } from '#persistence';
import { encodeRow, readWhole, UnencodableEventError } from './event-rows.js';
import type { EventRow } from './event-rows.sql.js';
import type { LogSigner } from './log-keys.js';
import { LogRefusal } from './log-refusal.js';
import { readEntries, readLeaf, readNotes, type EntryRow } from './read-log.sql.js';

/** A tree of which nothing more is known than its size and its root. */
type KnownTree = Pick<TreeHead, 'size' | 'root'>;

/** The leaf hash of one entry as the database has it, undefined where it has none. */
export async function leafAt(database: Database, tenantId: string, sequence: number): Promise<Buffer | undefined> {
  return (await database.one(readLeaf, { tenantId, sequence }))?.hash;
}

/** @returns undefined where the database has not all hashes that were asked for */
async function ifThere<Value>(read: PromiseLike<Value> | Value): Promise<Value | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof MissingHashesError) return undefined;
    throw error;
  }
}

/**
 * The tree at a place that is known, if the log still contains it.
 * @throws {LogRefusal} where it does not
 */
export async function containedTree(
  database: Database,
  tenantId: string,
  { size, root }: KnownTree,
): Promise<TreeState> {
  const tree = await ifThere(treeStateAt(size, auditHashes(database, tenantId)));
  if (!tree) throw new LogRefusal('entry_missing', size);
  if (!tree.root().equals(root)) throw new LogRefusal('entry_differs', size);
  return tree;
}

/** Checkpoints from a place on that really were signed with these keys, the largest first. */
export async function ownCheckpoints(
  database: Database,
  tenantId: string,
  { origin, keys }: LogSigner,
  from: { readonly size: number; readonly acceptedAt: string | null },
): Promise<TreeHead[]> {
  const found = await database.query(readNotes, { tenantId, from: from.size, acceptedAt: from.acceptedAt });
  return found.flatMap(({ note }) => {
    try {
      const { head } = openCheckpoint(note, { logs: keys, quorum: noWitness });
      return head.origin === origin && head.size >= from.size ? [head] : [];
    } catch (error) {
      if (error instanceof MalformedError || error instanceof UnverifiedError) return [];
      throw error;
    }
  });
}

/** A subtree that became complete. */
interface NewNode extends NodeAddress {
  readonly hash: Buffer;
}

export interface LogReading {
  readonly tenantId: string;
  /** Where it begins: the tree there, which the log has been found to contain. It grows. */
  readonly tree: TreeState;
  /** How far it goes at least. */
  readonly upTo: number;
  /** What the log has to contain further on. */
  readonly milestones: readonly KnownTree[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Follows a log from a place that is known: each leaf is computed anew from its event.
 * @throws {LogRefusal} where the log is no continuation of that place
 */
export async function followLog(database: Database, reading: LogReading): Promise<void> {
  const { tenantId, tree, signal } = reading;
  const nodes: NewNode[] = [];
  const milestones = reading.milestones.toSorted((a, b) => a.size - b.size);
  // Up to there its signer has seen the events: of those that were pruned since, the hashes are enough.
  const signed = milestones.at(-1)?.size ?? 0;
  const end = Math.max(reading.upTo, signed);
  const compare = () => {
    for (; milestones[0]?.size === tree.size; milestones.shift()) {
      if (!tree.root().equals(milestones[0].root)) throw new LogRefusal('checkpoint_contradicted', tree.size);
    }
  };
  compare();
  while (tree.size < end) {
    signal?.throwIfAborted();
    const rows = await database.query(readEntries, { tenantId, after: tree.size });
    if (rows.length === 0) throw new LogRefusal('entry_missing', tree.size + 1);
    for (const row of rows) {
      const whole = row.id !== null && row.data === null ? await readWhole(database, row) : row;
      const isVouchedFor = row.id === null && row.isPruned && row.sequence === tree.size + 1 && row.sequence <= signed;
      tree.append(isVouchedFor ? row.leafHash : soundLeaf(tenantId, tree.size + 1, whole), (node, hash) => {
        if (isKeptLevel(node.level)) nodes.push({ ...node, hash });
      });
      compare();
    }
  }
  await assertSameNodes(database, tenantId, nodes);
}

/** What proofs are made of has to be the tree of the events. */
async function assertSameNodes(database: Database, tenantId: string, nodes: readonly NewNode[]): Promise<void> {
  if (nodes.length === 0) return;
  const kept = await ifThere(auditHashes(database, tenantId).read(nodes));
  const other = nodes.find(({ hash }, n) => !hash.equals(kept?.[n] ?? Buffer.alloc(0)));
  if (other) throw new LogRefusal('tree_differs', (other.index + 1) * 2 ** other.level);
}

function soundLeaf(tenantId: string, expected: number, row: EntryRow): Buffer {
  const leaf = row.sequence === expected && row.id !== null && row.tenantId === tenantId ? leafOf(row) : undefined;
  if (!leaf?.equals(row.leafHash)) throw new LogRefusal('entry_broken', expected);
  return leaf;
}

function leafOf(row: EventRow): Buffer | undefined {
  try {
    return hashLeaf(encodeRow(row));
  } catch (error) {
    // What has no encoding was never sealed.
    if (error instanceof UnencodableEventError) return undefined;
    throw error;
  }
}
