import { Injectable } from '@nestjs/common';
import { eventNames, eventSchemaPath, eventTypePrefix, invalidRequest } from '#contracts';
import { Database, openPersonal, Sealer } from '#persistence';
import type { Caller } from '../http/caller.js';
import type { AuditEvent, AuditQuery } from './audit-events.schema.js';
import { selectPlace } from './audit-events.sql.js';
import { AuditReads } from './audit-reads.js';
import { pageOfEvents, type EventRow } from './find-events.sql.js';
import { sealedLine } from './sealed-line.js';

/** The sealed stream. What has not been sealed yet is not in it, so nothing is ever skipped. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly reads: AuditReads,
  ) {}

  async list(caller: Caller, query: AuditQuery): Promise<{ data: AuditEvent[]; nextCursor: string | null }> {
    const types = typesOf(query.type);
    if (query.cursor !== undefined && query.after !== undefined && query.cursor !== query.after) {
      throw invalidRequest('/query/after', 'must be equal to cursor, or left out');
    }
    const cursor = query.cursor ?? query.after ?? null;
    const [statement, values] = pageOfEvents({
      tenantId: caller.tenantId,
      order: query.order,
      after:
        cursor === null
          ? undefined
          : await this.place(caller, cursor, query.cursor === undefined ? '/query/after' : '/query/cursor'),
      limit: query.limit,
      account: query.accountId,
      user: query.userId,
      types,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
    });
    const rows = await this.database.query(statement, values);
    const sequences = rows.map(({ sequence }) => sequence);
    await this.reads.note(caller, { sequences, personal: caller.scopes.includes('audit:personal') });
    return { data: rows.map((row) => this.view(caller, row)), nextCursor: rows.at(-1)?.id ?? cursor };
  }

  /**
   * Where an event stands in the caller's log.
   * @param pointer of what named it
   * @throws {Problem} `invalid_request`
   */
  async place({ tenantId }: Caller, eventId: string, pointer: string): Promise<{ sequence: number; time: Date }> {
    const row = await this.database.one(selectPlace, { eventId, tenantId });
    if (!row) throw invalidRequest(pointer, 'is not the id of a sealed event');
    return row;
  }

  /** As the API shows an event to this caller. */
  view({ tenantId, scopes }: Caller, row: EventRow): AuditEvent {
    const { accountId, userId } = row;
    const personal = scopes.includes('audit:personal') ? this.personal(row) : {};
    const parts = [accountId, userId].filter((part) => part !== null);
    return {
      specversion: '1.0',
      id: row.id,
      type: `${eventTypePrefix}${row.type}`,
      source: `/tenants/${tenantId}`,
      ...(accountId === null ? {} : { subject: parts.map(escapePart).join('/') }),
      time: row.time,
      datacontenttype: 'application/json',
      ...schemaOf(row.type),
      data: {
        ...(accountId === null ? {} : { accountId }),
        ...(userId === null ? {} : { userId }),
        ...row.data,
        ...(row.requestId === null ? {} : { requestId: row.requestId }),
        ...personal,
      },
      sequence: row.sequence,
      index: row.sequence - 1,
      sealed: sealedLine(tenantId, row),
    };
  }

  /** Nothing where nothing is personal, or its user has been erased and the key is gone. */
  private personal(row: EventRow): { personal?: unknown; personalUnreadable?: true } {
    if (row.personalSealed === null || row.eventKeySealed === null || row.userRef === null) return {};
    try {
      const key = this.sealer.open('event-key', row.userRef, row.eventKeySealed);
      return { personal: openPersonal(key, row.id, row.personalSealed) };
    } catch {
      // Whatever has been damaged or changed: one such event must not hide the others. The log shows what was changed.
      return { personalUnreadable: true };
    }
  }
}

function schemaOf(type: string): Pick<AuditEvent, 'dataschema'> {
  const name = eventNames.find((each) => each === type);
  return name ? { dataschema: eventSchemaPath(name) } : {};
}

function escapePart(id: string): string {
  return id.replace(/[%/]/g, encodeURIComponent);
}

/**
 * The events that the types of a query mean.
 * @throws {Problem} `invalid_request` where one means none
 */
export function typesOf(type: AuditQuery['type']): string[] | undefined {
  return type === undefined ? undefined : [type].flat().flatMap(namesOf);
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
