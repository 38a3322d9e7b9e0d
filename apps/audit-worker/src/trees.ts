import { MalformedError, treeStateAt, TreeState, type NodeAddress } from '#audit-log';
import { auditHashes, isKeptLevel, MissingHashesError, type Database } from '#persistence';
import { readTrees } from './seal-events.sql.js';

/** A subtree that became complete. */
interface NewNode extends NodeAddress {
  readonly tenantId: string;
  readonly hash: Buffer;
}

/** The trees of several tenants' logs while events are added. */
export class Trees {
  readonly nodes: NewNode[] = [];
  private readonly grown = new Set<string>();

  private constructor(private readonly states: ReadonlyMap<string, TreeState>) {}

  static async open(database: Database, tenantIds: readonly string[]): Promise<Trees> {
    const states = new Map(tenantIds.map((tenantId) => [tenantId, TreeState.empty()]));
    for (const { tenantId, entries, size, edge } of await database.query(readTrees, { tenantIds })) {
      const kept = size === entries && edge ? stateOf(size, edge) : undefined;
      states.set(tenantId, kept ?? (await readState(database, tenantId, entries)));
    }
    return new Trees(states);
  }

  /** Of one log, before its first entry. */
  static empty(tenantId: string): Trees {
    return new Trees(new Map([[tenantId, TreeState.empty()]]));
  }

  rootOf(tenantId: string): Buffer | undefined {
    return this.states.get(tenantId)?.root();
  }

  /** @returns the sequence of the new entry */
  append(tenantId: string, leafHash: Buffer): number {
    const state = this.states.get(tenantId);
    if (!state) throw new TypeError('A tenant of the batch has no tree.');
    state.append(leafHash, (node, hash) => {
      if (isKeptLevel(node.level)) this.nodes.push({ tenantId, ...node, hash });
    });
    this.grown.add(tenantId);
    return state.size;
  }

  /** Those that have grown. */
  changed(): { tenantId: string; size: number; edge: string }[] {
    return [...this.states].flatMap(([tenantId, { size, hashes }]) =>
      this.grown.has(tenantId) ? [{ tenantId, size, edge: byteaArray(hashes) }] : [],
    );
  }
}

/** @returns undefined where somebody made it something that is none */
function stateOf(size: number, edge: readonly Buffer[]): TreeState | undefined {
  try {
    return TreeState.of(size, edge);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The tree as its hashes say: the row that should say it does not fit the entries. */
async function readState(database: Database, tenantId: string, entries: number): Promise<TreeState> {
  try {
    return await treeStateAt(entries, auditHashes(database, tenantId));
  } catch (error) {
    if (!(error instanceof MissingHashesError)) throw error;
    // Nobody signs this log any more; the others go on.
    const ones = entries.toString(2).replaceAll('0', '');
    return TreeState.of(
      entries,
      Array.from(ones, () => Buffer.alloc(32)),
    );
  }
}

/** As PostgreSQL writes an array of hashes: arrays of different lengths are no array of arrays. */
const byteaArray = (hashes: readonly Buffer[]) =>
  `{${hashes.map((bytes) => `"\\\\x${bytes.toString('hex')}"`).join(',')}}`;
