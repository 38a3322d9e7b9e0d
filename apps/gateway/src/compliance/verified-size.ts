import { MalformedError, noWitness, openCheckpoint, parseVkey, treeStateAt, UnverifiedError } from '#audit-log';
import { auditHashes, MissingHashesError, type Database } from '#persistence';
import type { FactsRow } from './compliance-facts.sql.js';

/**
 * Up to which entry the log is what its newest checkpoint says: that is signed by a key of the log, and the tree that the
 * tables have comes to its root. Null where it is not, or nothing is signed. However long the log is, 255 leaves and some
 * hashes above them are read at most; that each event is the one its leaf was hashed of, the audit worker looks before it signs.
 */
export async function verifiedSize(
  database: Database,
  tenantId: string,
  { checkpoint, keys }: Pick<FactsRow, 'checkpoint' | 'keys'>,
): Promise<number | null> {
  if (checkpoint === null) return null;
  try {
    const { head } = openCheckpoint(checkpoint, { logs: keys.map(parseVkey), quorum: noWitness });
    const tree = await treeStateAt(head.size, auditHashes(database, tenantId));
    return tree.root().equals(head.root) ? head.size : null;
  } catch (error) {
    const isOfTheLog = [MalformedError, UnverifiedError, MissingHashesError].some((kind) => error instanceof kind);
    if (isOfTheLog) return null;
    throw error;
  }
}
