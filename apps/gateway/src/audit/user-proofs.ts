import { Injectable } from '@nestjs/common';
import { viewEvent } from '#audit-events';
import { invalidRequest } from '#contracts';
import { Database, Sealer } from '#persistence';
import type { Caller } from '../http/caller.js';
import { noSuch } from '../refusals/refusals.js';
import { AuditReads } from './audit-reads.js';
import { Checkpoints, viewCheckpoint } from './checkpoints.js';
import { pageOfOwnEvents } from './find-events.sql.js';
import type { UserProofsAnswer, UserProofsQuery } from './user-proofs.schema.js';
import { selectOwnPlace } from './user-proofs.sql.js';

/** What the log has of one user, with what proves it: a receipt that verifies without us, and after the user was erased. */
@Injectable()
export class UserProofs {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly log: Checkpoints,
    private readonly reads: AuditReads,
  ) {}

  /** @throws {Problem} `not_found`; `invalid_request` where the cursor is no event of this user */
  async list(
    caller: Caller,
    accountId: string,
    userId: string,
    { cursor, order, limit }: UserProofsQuery,
  ): Promise<UserProofsAnswer> {
    const { tenantId } = caller;
    const named = { tenantId, accountId, userId, eventId: cursor ?? null };
    const found = await this.database.one(selectOwnPlace, named);
    if (!found) throw noSuch('user');
    const { userRef, sequence, time } = found;
    const after = sequence === null ? undefined : { sequence, time };
    if (cursor !== undefined && !after) throw invalidRequest('/query/cursor', 'is not the id of a sealed event of it');
    const [statement, values] = pageOfOwnEvents({
      tenantId,
      account: accountId,
      user: userId,
      owner: userRef,
      order,
      after,
      limit: limit + 1,
    });
    const rows = await this.database.query(statement, values);
    const page = rows.slice(0, limit);
    await this.reads.note(caller, { sequences: page.map(({ sequence: place }) => place), personal: true });
    const checkpoint = found.size === null ? null : found;
    const proofs = checkpoint ? await this.log.prove(caller, page, checkpoint) : [];
    return {
      data: page.map((row, at) => ({ ...viewEvent(row, this.sealer), proof: proofs[at] ?? null })),
      nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
      checkpoint: checkpoint && viewCheckpoint(checkpoint),
    };
  }
}
