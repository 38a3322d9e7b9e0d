import { Injectable } from '@nestjs/common';
import { eventNames, eventTypePrefix, invalidRequest } from '#contracts';
import { Database, openPersonal, Sealer } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { externalId, id, instant, time } from '../http/schemas.js';
import { pageOfEvents, type EventRow } from './find-events.sql.js';
import { selectPlace } from './audit-events.sql.js';

/** A sealed event in CloudEvents 1.0 (JSON format), with its place in the chain as extension attributes. */
export const auditEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: id('evt'),
    type: z.string().meta({ description: '`com.sallyport.` followed by the name of the event' }),
    source: z.string(),
    subject: z.string().optional().meta({
      description:
        "The panel's own ids: the account, or `account/user`. In each id, `/` is written as `%2F` and `%` as `%25`, so a slash only ever separates the two",
    }),
    time,
    datacontenttype: z.literal('application/json'),
    data: z.record(z.string(), z.unknown()).meta({
      description:
        'The facts of the event. `accountId` and `userId` if it concerns an account or a user; `personal` until the user is erased, or `personalUnreadable: true` if it cannot be decrypted',
    }),
    sequence: z.int().meta({ format: 'int64', description: "Position in the tenant's hash chain, starting at 1" }),
    chainhash: z.string().meta({ description: 'Hash of the chain up to here, base 64' }),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof auditEvent>;

const eventType = z.string().max(100);

export const auditQuery = z.strictObject({
  cursor: id('evt')
    .optional()
    .meta({ description: 'Start after this event: `nextCursor` of the page before, or the id of an event' }),
  after: id('evt').optional().meta({ description: 'Alias of `cursor`' }),
  order: z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'The order of the events' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  type: z
    .union([eventType, z.array(eventType).min(1).max(50)])
    .optional()
    .meta({
      description:
        'Event types, with or without `com.sallyport.`, or a prefix such as `challenge.*`. Repeat the parameter for several types',
    }),
  accountId: externalId.optional(),
  userId: externalId.optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

/** The sealed stream. What has not been sealed yet is not in it, so nothing is ever skipped. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
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
    return { data: rows.map((row) => this.view(caller.tenantId, row)), nextCursor: rows.at(-1)?.id ?? cursor };
  }

  private async place(caller: Caller, eventId: string, isAfter: boolean): Promise<{ sequence: number; time: Date }> {
    const row = await this.database.one(selectPlace, { eventId, tenantId: caller.tenantId });
    if (!row) throw invalidRequest(isAfter ? '/query/after' : '/query/cursor', 'is not the id of a sealed event');
    return row;
  }

  private view(tenantId: string, row: EventRow): AuditEvent {
    const { accountId, userId } = row;
    const personal = this.personal(row);
    const parts = [accountId, userId].filter((part) => part !== null);
    return {
      specversion: '1.0',
      id: row.id,
      type: `${eventTypePrefix}${row.type}`,
      source: `/tenants/${tenantId}`,
      ...(accountId === null ? {} : { subject: parts.map(escapePart).join('/') }),
      time: row.time.toISOString(),
      datacontenttype: 'application/json',
      data: {
        ...(accountId === null ? {} : { accountId }),
        ...(userId === null ? {} : { userId }),
        ...row.data,
        ...(row.requestId === null ? {} : { requestId: row.requestId }),
        ...personal,
      },
      sequence: row.sequence,
      chainhash: row.hash.toString('base64'),
    };
  }

  /** Nothing where nothing is personal, or its user has been erased and the key is gone. */
  private personal(row: EventRow): { personal?: unknown; personalUnreadable?: true } {
    if (row.personalSealed === null || row.eventKeySealed === null || row.userRef === null) return {};
    try {
      const key = this.sealer.open('event-key', row.userRef, row.eventKeySealed);
      return { personal: openPersonal(key, row.id, row.personalSealed) };
    } catch {
      // Whatever has been damaged or changed: one such event must not hide the others. The chain shows what was changed.
      return { personalUnreadable: true };
    }
  }
}

function escapePart(id: string): string {
  return id.replace(/[%/]/g, encodeURIComponent);
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
