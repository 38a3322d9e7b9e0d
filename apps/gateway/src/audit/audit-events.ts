import { Injectable } from '@nestjs/common';
import { eventNames, eventTypePrefix, invalidRequest } from '#contracts';
import { Database, openPersonal, Sealer, statement, UnsealError } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { externalId, id, instant, time } from '../http/schemas.js';

/** A sealed event in CloudEvents 1.0 (JSON format), with its place in the chain as extension attributes. */
export const auditEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: id('evt'),
    type: z.string().meta({ description: '`com.sallyport.` and the name' }),
    source: z.string(),
    subject: z.string().optional().meta({
      description:
        "The panel's own ids: the account, or `account/user`. In each, `/` is written as `%2F` and `%` as `%25`, so that the one slash there is stands between the two",
    }),
    time,
    datacontenttype: z.literal('application/json'),
    data: z.record(z.string(), z.unknown()).meta({
      description:
        'Facts; `accountId` and `userId` where it is about some; `personal` while the user has not been erased',
    }),
    sequence: z.int().meta({ format: 'int64', description: "Place in the tenant's hash chain, from 1" }),
    chainhash: z.string().meta({ description: 'Hash of the chain up to here, base 64' }),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof auditEvent>;

const eventType = z.string().max(100);

export const auditQuery = z.strictObject({
  cursor: id('evt').optional().meta({ description: 'Last event already seen; `nextCursor` fits' }),
  after: id('evt').optional().meta({ description: 'The same as `cursor`' }),
  order: z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'Which events come first' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  type: z
    .union([eventType, z.array(eventType).min(1).max(50)])
    .optional()
    .meta({
      description:
        'Names of events, with or without `com.sallyport.`, or their beginning as in `challenge.*`; repeat it for several',
    }),
  accountId: externalId.optional(),
  userId: externalId.optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

const selectPlace = statement('audit.place', 'select sequence from audit_entry where event_id = $1 and tenant_id = $2');

const eventsInOrder = (later: string, direction: string) => `
   select e.id, e.type, e.time, e.account_id as "accountId", e.user_id as "userId", e.user_ref as "userRef", e.data,
     e.personal_sealed as "personalSealed", e.request_id as "requestId", n.sequence, n.hash,
     u.event_key_sealed as "eventKeySealed"
   from audit_entry n join event e on e.id = n.event_id
     left join app_user u on u.id = e.user_ref and u.tenant_id = e.tenant_id
   where n.tenant_id = $1 and n.sequence ${later} $2
     and ($4::text[] is null or e.type = any ($4)) and ($5::text is null or e.account_id = $5)
     and ($6::text is null or e.user_id = $6)
     and ($7::timestamptz is null or e.time >= $7) and ($8::timestamptz is null or e.time < $8)
   order by n.sequence ${direction} limit $3`;

const selectEvents = statement('audit.events', eventsInOrder('>', 'asc'));
const selectNewestEvents = statement('audit.events-newest', eventsInOrder('<', 'desc'));

interface Row {
  readonly id: string;
  readonly type: string;
  readonly time: Date;
  readonly accountId: string | null;
  readonly userId: string | null;
  readonly userRef: string | null;
  readonly data: Record<string, unknown>;
  readonly personalSealed: Buffer | null;
  readonly requestId: string | null;
  readonly sequence: number;
  readonly hash: Buffer;
  readonly eventKeySealed: Buffer | null;
}

/** The sealed stream. What has not been sealed yet is not in it, so nothing is ever skipped. */
@Injectable()
export class AuditEvents {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  async list(caller: Caller, query: AuditQuery): Promise<{ data: AuditEvent[]; nextCursor: string | null }> {
    const types = query.type === undefined ? null : [query.type].flat().flatMap(namesOf);
    if (query.cursor !== undefined && query.after !== undefined && query.cursor !== query.after) {
      throw invalidRequest('/query/after', 'must be the same as cursor, or left out');
    }
    const cursor = query.cursor ?? query.after ?? null;
    const newest = query.order === 'newest';
    const start = newest ? Number.MAX_SAFE_INTEGER : 0;
    const place = cursor === null ? start : await this.place(caller, cursor, query.cursor === undefined);
    const rows = await this.database.query<Row>(newest ? selectNewestEvents : selectEvents, [
      caller.tenantId,
      place,
      query.limit,
      types,
      query.accountId ?? null,
      query.userId ?? null,
      query.from === undefined ? null : new Date(query.from),
      query.to === undefined ? null : new Date(query.to),
    ]);
    return { data: rows.map((row) => this.view(caller.tenantId, row)), nextCursor: rows.at(-1)?.id ?? cursor };
  }

  private async place(caller: Caller, eventId: string, isAfter: boolean): Promise<number> {
    const row = await this.database.one<{ sequence: number }>(selectPlace, [eventId, caller.tenantId]);
    if (!row) throw invalidRequest(isAfter ? '/query/after' : '/query/cursor', 'is not the id of a sealed event');
    return row.sequence;
  }

  private view(tenantId: string, row: Row): AuditEvent {
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
        ...(personal === null ? {} : { personal }),
      },
      sequence: row.sequence,
      chainhash: row.hash.toString('base64'),
    };
  }

  /** Null where nothing is personal, its user has been erased and the key is gone, or somebody has changed the row. */
  private personal(row: Row): unknown {
    if (row.personalSealed === null || row.eventKeySealed === null || row.userRef === null) return null;
    const key = this.sealer.open('event-key', row.userRef, row.eventKeySealed);
    try {
      return openPersonal(key, row.id, row.personalSealed);
    } catch (error) {
      // One such event must not hide the others; the chain shows what was changed.
      if (error instanceof UnsealError) return null;
      throw error;
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
  if (names.length === 0)
    throw invalidRequest('/query/type', 'is not the name of an event, or of several as in challenge.*');
  return names;
}
