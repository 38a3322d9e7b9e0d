import { Injectable } from '@nestjs/common';
import { eventNames, eventTypePrefix, invalidRequest } from '#contracts';
import { Database, Sealer } from '#persistence';
import type { Caller } from '../http/caller.js';
import type { AuditEvent, AuditQuery } from './audit-events.schema.js';
import { selectPlace } from './audit-events.sql.js';
import { AuditReads } from './audit-reads.js';
import { viewEvent } from './event-view.js';
import { pageOfEvents } from './find-events.sql.js';

/** The sealed stream. What has not been sealed yet is not in it, so nothing is ever skipped. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly reads: AuditReads,
  ) {}

  async list(caller: Caller, query: AuditQuery): Promise<{ data: AuditEvent[]; nextCursor: string | null }> {
    const types = query.type === undefined ? undefined : [query.type].flat().flatMap(namesOf);
    if (query.cursor !== undefined && query.after !== undefined && query.cursor !== query.after) {
      throw invalidRequest('/query/after', 'must be equal to cursor, or left out');
    }
    const cursor = query.cursor ?? query.after ?? null;
    const [statement, values] = pageOfEvents({
      tenantId: caller.tenantId,
      order: query.order,
      after: cursor === null ? undefined : await this.place(caller, cursor, query.cursor === undefined),
      limit: query.limit,
      account: query.accountId,
      user: query.userId,
      types,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
    });
    const rows = await this.database.query(statement, values);
    const personal = caller.scopes.includes('audit:personal');
    await this.reads.note(caller, { sequences: rows.map(({ sequence }) => sequence), personal });
    const sealer = personal ? this.sealer : undefined;
    return { data: rows.map((row) => viewEvent(row, sealer)), nextCursor: rows.at(-1)?.id ?? cursor };
  }

  private async place(caller: Caller, eventId: string, isAfter: boolean): Promise<{ sequence: number; time: Date }> {
    const row = await this.database.one(selectPlace, { eventId, tenantId: caller.tenantId });
    if (!row) throw invalidRequest(isAfter ? '/query/after' : '/query/cursor', 'is not the id of a sealed event');
    return row;
  }
}

/**
 * The events that a `type` means.
 * @throws {Problem} `invalid_request` where there is none
 */
function namesOf(type: string): string[] {
  const name = type.startsWith(eventTypePrefix) ? type.slice(eventTypePrefix.length) : type;
  const prefix = /^([a-z_]+\.)+\*$/.test(name) ? name.slice(0, -1) : null;
  const names = eventNames.filter((each) => (prefix === null ? each === name : each.startsWith(prefix)));
  if (names.length === 0) throw invalidRequest('/query/type', 'must be an event type, or a prefix such as challenge.*');
  return names;
}
