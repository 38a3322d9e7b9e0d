import type { ProofSource } from '#audit-log';
import { readAuditHashes } from './audit-hashes.sql.js';
import type { Database } from './database.js';

/**
 * Levels of a log's tree from which on its nodes are rows: then they are one for 128 events, and a proof among any number of
 * them hashes at most 255 leaves at each of its two ends.
 */
const lowestKeptLevel = 8;

/** Whether nodes of this level stand in `audit_node`. */
export const isKeptLevel = (level: number): boolean => level >= lowestKeptLevel;

/** The database has not all hashes that the tree of a log should consist of: somebody removed some. */
export class MissingHashesError extends Error {
  override name = 'MissingHashesError';
}

/**
 * The hashes of a tenant's log, for proofs: one query for each.
 * Proofs made of them throw `MissingHashesError` where the log has less than they are about.
 */
export function auditHashes(database: Database, tenantId: string): ProofSource {
  return {
    hasLevel: isKeptLevel,
    async read(nodes) {
      const levels = nodes.map(({ level }) => level);
      const indexes = nodes.map(({ index }) => index);
      const rows = await database.query(readAuditHashes, { tenantId, levels, indexes });
      return rows.map(({ hash }) => {
        if (!hash) throw new MissingHashesError('The audit log has fewer entries than its tree.');
        return hash;
      });
    },
  };
}
