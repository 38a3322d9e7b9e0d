import { Injectable } from '@nestjs/common';
import { eventNamesOf, type LogRow, viewEvent } from '#audit-events';
import { invalidRequest } from '#contracts';
import { Database, Sealer } from '#persistence';
import type { Caller } from '../http/caller.js';
import type { AuditEvent, AuditQuery, FilterQuery } from './audit-events.schema.js';
import { selectPlace } from './audit-events.sql.js';
import { AuditReads } from './audit-reads.js';
import type { EventFilter } from './find-events.sql.js';
import { assertNoGap, readPage } from './read-page.js';

/** The sealed stream. What has not been sealed yet is not in it, so nothing is ever skipped. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly reads: AuditReads,
  ) {}

  async list(caller: Caller, query: AuditQuery): Promise<{ data: AuditEvent[]; nextCursor: string | null }> {
    const filter = filterOf(query);
    if (query.cursor !== undefined && query.after !== undefined && query.cursor !== query.after) {
      throw invalidRequest('/query/after', 'must be equal to cursor, or left out');
    }
    const cursor = query.cursor ?? query.after ?? null;
    const rows = await readPage(this.database, {
      tenantId: caller.tenantId,
      order: query.order,
      after:
        cursor === null
          ? undefined
          : await this.place(caller, cursor, {
              pointer: query.cursor === undefined ? '/query/after' : '/query/cursor',
              // Towards the beginning of the log, its end comes sooner, and nothing is left out.
              mayBePruned: query.order === 'newest',
            }),
      limit: query.limit,
      ...filter,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
    });
    const personal = caller.scopes.includes('audit:personal');
    await this.reads.note(caller, { sequences: rows.map(({ sequence }) => sequence), personal });
    return { data: rows.map((row) => this.view(caller, row)), nextCursor: rows.at(-1)?.id ?? cursor };
  }

  /**
   * Where an event stands in the caller's log.
   * @param pointer of what named it
   * @param mayBePruned whether nothing is missed though events that follow it were pruned
   * @throws {Problem} `invalid_request`
   */
  async place(
    { tenantId }: Caller,
    eventId: string,
    { pointer, mayBePruned = false }: { readonly pointer: string; readonly mayBePruned?: boolean },
  ): Promise<{ sequence: number; time: Date }> {
    const row = await this.database.one(selectPlace, { eventId, tenantId });
    if (!row) throw invalidRequest(pointer, 'is not the id of a sealed event');
    const { sequence, time, prunedUpTo } = row;
    if (!mayBePruned) assertNoGap(sequence, prunedUpTo, pointer);
    return { sequence, time };
  }

  /** As the API shows an event to this caller. */
  view(caller: Caller, row: LogRow): AuditEvent {
    return viewEvent(row, caller.scopes.includes('audit:personal') ? this.sealer : undefined);
  }
}

/**
 * Which events a query means.
 * @throws {Problem} `invalid_request` where a type means none
 */
export function filterOf({ type, ...query }: FilterQuery): Omit<EventFilter, 'from' | 'to'> {
  return {
    account: query.accountId,
    user: query.userId,
    types: type === undefined ? undefined : [type].flat().flatMap(namesOf),
    device: query.deviceId,
    challenge: query.challengeId,
    request: query.requestId,
  };
}

/**
 * The events that a `type` means.
 * @throws {Problem} `invalid_request` where there is none
 */
function namesOf(type: string): string[] {
  const names = eventNamesOf(type);
  if (names.length === 0) throw invalidRequest('/query/type', 'must be an event type, or a prefix such as challenge.*');
  return names;
}
