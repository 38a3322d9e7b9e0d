import { Injectable } from '@nestjs/common';
import { encodingOf, type EntryRow, type LogRow } from '#audit-events';
import { consistencyProof, formatProofFile, inclusionProofs, type ProofSource } from '#audit-log';
import { invalidRequest, Problem } from '#contracts';
import { auditHashes, Database, MissingHashesError } from '#persistence';
import type { Caller } from '../http/caller.js';
import { noSuch } from '../refusals/refusals.js';
import { AuditReads } from './audit-reads.js';
import type {
  CheckpointAnswer,
  CheckpointsQuery,
  ConsistencyAnswer,
  ConsistencyQuery,
  InclusionAnswer,
} from './checkpoints.schema.js';
import { checkpointPages, selectLogKeys, selectLogSize, selectNewest, type CheckpointRow } from './checkpoints.sql.js';
import { selectEntry } from './entries.sql.js';

/** Where a list begins, in both orders: a size that no log has, and any time. */
const beginnings = {
  oldest: { size: -1, signedAt: '-infinity' },
  newest: { size: Number.MAX_SAFE_INTEGER, signedAt: 'infinity' },
} as const;

/** What was signed of a tenant's log, and proofs about it. */
@Injectable()
export class Checkpoints {
  constructor(
    private readonly database: Database,
    private readonly reads: AuditReads,
  ) {}

  async list(
    { tenantId }: Caller,
    { cursor, order, witnessed, limit }: CheckpointsQuery,
  ): Promise<{ data: CheckpointAnswer[]; nextCursor: string | null }> {
    const place = cursor === undefined ? beginnings[order] : readCursor(cursor);
    const pages = checkpointPages[witnessed ? 'witnessed' : 'all'];
    const rows = await this.database.query(pages[order], { tenantId, ...place, limit });
    const last = rows.at(-1);
    return { data: rows.map(viewCheckpoint), nextCursor: last ? writeCursor(last) : (cursor ?? null) };
  }

  /** @throws {Problem} `not_found` where the event is not in the log, or no checkpoint is about it yet */
  async inclusion(caller: Caller, eventId: string): Promise<InclusionAnswer> {
    const { tenantId } = caller;
    const event = await this.database.one(selectEntry, { eventId, tenantId });
    if (!event) throw new Problem('not_found', { detail: 'There is no such sealed event.' });
    const newest = await this.database.one(selectNewest, { tenantId, size: event.sequence });
    if (!newest) {
      const detail = 'No checkpoint is about this event yet. Try again in a few seconds.';
      throw new Problem('not_found', { detail, retryAfter: 10 });
    }
    const [proof = ''] = await this.proofFiles(tenantId, [event], newest);
    // The proof holds the event.
    await this.reads.note(caller, { sequences: [event.sequence], personal: false });
    return { eventId, index: event.sequence - 1, size: newest.size, proof };
  }

  /** Of each event the file that proves it by a checkpoint; null where the checkpoint is older. */
  async prove({ tenantId }: Caller, events: readonly LogRow[], checkpoint: CheckpointRow): Promise<(string | null)[]> {
    const isSigned = ({ sequence }: LogRow) => sequence <= checkpoint.size;
    const proofs = (await this.proofFiles(tenantId, events.filter(isSigned), checkpoint)).values();
    return events.map((event) => (isSigned(event) ? (proofs.next().value ?? null) : null));
  }

  /** A file for each of these events, which the checkpoint is about: one query for all. */
  private async proofFiles(
    tenantId: string,
    events: readonly EntryRow[],
    { size, note }: CheckpointRow,
  ): Promise<string[]> {
    const indexes = events.map(({ sequence }) => sequence - 1);
    const ways = await this.proved(tenantId, (source) => inclusionProofs(indexes, size, source));
    return events.map((event, at) => {
      // Of a pruned event: whoever has kept it proves it by this.
      const encoding = event.id === null ? undefined : encodingOf(event);
      const extra = encoding === undefined ? undefined : Buffer.from(encoding);
      return formatProofFile({ index: event.sequence - 1, hashes: ways[at] ?? [], checkpoint: note, extra });
    });
  }

  /** @throws {Problem} `invalid_request` where the log had no such sizes */
  async consistency({ tenantId }: Caller, { from, to }: ConsistencyQuery): Promise<ConsistencyAnswer> {
    if (from > to) throw invalidRequest('/query/from', 'is more than `to`');
    const log = await this.database.one(selectLogSize, { tenantId });
    if (to > (log?.size ?? 0)) throw invalidRequest('/query/to', 'is more than the log has entries');
    const hashes = await this.proved(tenantId, (source) => consistencyProof(from, to, source));
    return { from, to, hashes: hashes.map((hash) => Buffer.from(hash).toString('base64')) };
  }

  /**
   * The public keys that the log of a tenant was ever signed with.
   * @throws {Problem} `not_found`
   */
  async keys(tenantId: string): Promise<{ keys: string[] }> {
    const keys = await this.database.query(selectLogKeys, { tenantId });
    if (keys.length === 0) throw noSuch('audit log');
    return { keys: keys.map(({ vkey }) => vkey) };
  }

  private async proved<Proof>(tenantId: string, make: (source: ProofSource) => Promise<Proof>): Promise<Proof> {
    try {
      return await make(auditHashes(this.database, tenantId));
    } catch (error) {
      if (!(error instanceof MissingHashesError)) throw error;
      throw new Problem('unavailable', {
        detail:
          'The log lacks entries that it should have, so nothing can be proved about it. Verify it against a checkpoint that you have kept.',
      });
    }
  }
}

export function viewCheckpoint({
  size,
  root,
  note,
  witnesses,
  witnessedAt,
  signedAt,
  oldestEventAt,
  newestEventAt,
}: CheckpointRow): CheckpointAnswer {
  return {
    size,
    root: root.toString('base64'),
    note,
    witnesses: [...witnesses],
    witnessedAt: witnessedAt?.toISOString() ?? null,
    signedAt,
    oldestEventAt: oldestEventAt?.toISOString() ?? null,
    newestEventAt: newestEventAt?.toISOString() ?? null,
  };
}

const writeCursor = ({ size, signedAt }: CheckpointRow) => Buffer.from(`${size} ${signedAt}`).toString('base64url');

/** @throws {Problem} `invalid_request` where it is none of ours */
function readCursor(cursor: string): { size: number; signedAt: string } {
  const [, size, signedAt] =
    /^(\d{1,15}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (size === undefined || signedAt === undefined || Number.isNaN(Date.parse(signedAt))) {
    throw invalidRequest('/query/cursor', 'is not a cursor of a list');
  }
  return { size: Number(size), signedAt };
}
