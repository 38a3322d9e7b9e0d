import { emptyRoot } from '#audit-log';
import type { Database } from '#persistence';
import { readLeaves } from './read-log.sql.js';
import { holdCursor } from './seal-events.sql.js';
import { writeEntries } from './seal-events.js';
import { Trees } from './trees.js';

/**
 * Computes the tree of a log anew from its leaves, whatever was kept of it, and writes that down. Nobody seals meanwhile.
 * @returns the root of the first `size` entries, or undefined where there are fewer, or one of them is missing
 */
export function rebuildTree(database: Database, tenantId: string, size: number): Promise<Buffer | undefined> {
  return database.transaction(async () => {
    await database.query(holdCursor);
    const trees = Trees.empty(tenantId);
    let root = size === 0 ? emptyRoot() : undefined;
    let at = 0;
    for await (const leaf of leavesOf(database, tenantId)) {
      // What comes after a gap has no place in a tree.
      if (leaf.sequence !== at + 1) return root;
      at = trees.append(tenantId, leaf.hash);
      if (at === size) root = trees.rootOf(tenantId);
    }
    if (root) await writeEntries(database, [], trees, null);
    return root;
  });
}

async function* leavesOf(database: Database, tenantId: string) {
  let rows = await database.query(readLeaves, { tenantId, after: 0 });
  while (rows.length > 0) {
    yield* rows;
    rows = await database.query(readLeaves, { tenantId, after: rows.at(-1)?.sequence ?? 0 });
  }
}
