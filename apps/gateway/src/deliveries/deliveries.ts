import { Injectable } from '@nestjs/common';
import { attemptOutcomes, deliveryStates, Problem } from '#contracts';
import { Database, sql, statement, subsets, type Placeholders, type Statement } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, externalId, id, listQuery, time } from '../http/schemas.js';
import { admits } from '../rows/device-row.js';

export const deliveryAnswer = z
  .object({
    id: id('dlv'),
    accountId: z.string(),
    userId: z.string(),
    deviceId: id('dev').nullable(),
    challengeId: id('chl').nullable(),
    channel: z.enum(['sms', 'email']),
    kind: z.enum(['code', 'notice']),
    status: z.enum(deliveryStates).meta({
      description:
        '`queued`: not sent yet. `sending`: under way, or tried without an answer, so that it may have arrived. `sent`: the provider has it. `delivered`: the provider says that it arrived. `failed`: certainly not sent. `expired`: the end of its life came first',
    }),
    provider: z.string().nullable(),
    error: z.string().nullable(),
    createdAt: time,
    expiresAt: time,
    sentAt: time.nullable(),
    endedAt: time.nullable(),
    attempts: z.array(
      z.object({
        number: z.int(),
        provider: z.string(),
        startedAt: time,
        endedAt: time.nullable(),
        outcome: z.enum(attemptOutcomes).nullable().meta({
          description:
            'null: under way. `sent`: the provider has it. `transient`: not sent, to be tried again. `permanent`: refused for good. `unknown`: nobody can tell whether it was sent; a late answer may still settle it',
        }),
        error: z.string().nullable(),
        price: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Delivery' });
export type DeliveryAnswer = z.infer<typeof deliveryAnswer>;

export const deliveriesQuery = z.strictObject({
  ...listQuery,
  accountId: externalId.optional(),
  userId: externalId.optional(),
  deviceId: id('dev').optional(),
  challengeId: id('chl').optional(),
  status: z.enum(deliveryStates).optional(),
});

const columns = sql`
  l.id, a.external_id as "accountId", u.external_id as "userId", l.device_id as "deviceId",
  l.challenge_id as "challengeId", l.channel, l.kind, l.status, l.provider, l.error, l.created_at as "createdAt",
  l.expires_at as "expiresAt", l.sent_at as "sentAt", l.ended_at as "endedAt",
  (select coalesce(json_agg(json_build_object('number', t.number, 'provider', t.provider, 'startedAt', t.started_at,
     'endedAt', t.ended_at, 'outcome', t.outcome, 'error', t.error, 'price', t.price) order by t.number), '[]')
   from delivery_attempt t where t.delivery_id = l.id) as attempts
  from delivery l join app_user u on u.id = l.user_id join account a on a.id = u.account_id`;

/**
 * Of a key that names its application: what was sent for its own challenges, or to verify a device that serves it. Values and
 * no `exists`, which PostgreSQL would answer by reading all challenges and devices first.
 */
const own = (application: string) => sql`
  (${application}::text is null
    or (l.challenge_id is null or (select c.application from challenge c where c.id = l.challenge_id) = ${application})
      and coalesce((select ${admits('d', application)} from device d where d.id = l.device_id), true))`;

const selectDelivery = statement<Row, { deliveryId: string; tenantId: string; application: string | null }>(
  'delivery.find',
  ($) => sql`select ${columns} where l.id = ${$.deliveryId} and l.tenant_id = ${$.tenantId} and ${own($.application)}`,
);

type Filters = Pick<z.infer<typeof deliveriesQuery>, 'accountId' | 'userId' | 'deviceId' | 'challengeId' | 'status'>;

interface Listing extends Filters {
  readonly tenantId: string;
  readonly before: string;
  readonly application: string | null;
  readonly limit: number;
}

/** What each filter of the list compares. */
const filters: Readonly<Record<keyof Filters, ($: Placeholders<Listing>) => string>> = {
  accountId: ($) => sql`a.tenant_id = ${$.tenantId} and a.external_id = ${$.accountId}`,
  userId: ($) => sql`u.tenant_id = ${$.tenantId} and u.external_id = ${$.userId}`,
  deviceId: ($) => sql`l.device_id = ${$.deviceId}`,
  challengeId: ($) => sql`l.challenge_id = ${$.challengeId}`,
  status: ($) => sql`l.status = ${$.status}`,
};
const filterNames = Object.keys(filters) as (keyof Filters)[];

/** Sorts after every id. */
const afterAll = `dlv_${'z'.repeat(27)}`;

/** A statement for each set of filters, so that each has a plan of its own: one for all could use no index. */
const selectDeliveries = new Map(
  subsets(filterNames).map((given) => [
    given.join(),
    statement<Row, Listing>(
      `delivery.list${given.map((name) => `-${name}`).join('')}`,
      ($) => sql`select ${columns}
       where l.tenant_id = ${$.tenantId} and l.id < ${$.before} and ${own($.application)}
       ${given.map((name) => `and ${filters[name]($)}`).join(' ')}
       order by l.id desc limit ${$.limit}`,
    ),
  ]),
);

type Row = Omit<DeliveryAnswer, 'createdAt' | 'expiresAt' | 'sentAt' | 'endedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
};

/** What became of each message, every attempt included. Never what was in it. */
@Injectable()
export class Deliveries {
  constructor(private readonly database: Database) {}

  async get(caller: Caller, deliveryId: string): Promise<DeliveryAnswer> {
    const row = await this.database.one(selectDelivery, {
      deliveryId,
      tenantId: caller.tenantId,
      application: caller.application,
    });
    if (!row) throw new Problem('not_found', { detail: 'There is no such delivery.' });
    return view(row);
  }

  /** The latest first. */
  async list(caller: Caller, query: z.infer<typeof deliveriesQuery>) {
    const given = filterNames.filter((name) => query[name] !== undefined);
    const rows = await this.database.query(selectDeliveries.get(given.join()) as Statement<Row, Listing>, {
      ...query,
      tenantId: caller.tenantId,
      before: decodeCursor(query.cursor) ?? afterAll,
      application: caller.application,
      limit: query.limit + 1,
    });
    const page = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? page.at(-1) : undefined;
    return { data: page.map(view), nextCursor: last ? encodeCursor(last.id) : null };
  }
}

function view(row: Row): DeliveryAnswer {
  const iso = (value: string | null) => value && new Date(value).toISOString();
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    attempts: row.attempts.map((attempt) => ({
      ...attempt,
      startedAt: new Date(attempt.startedAt).toISOString(),
      endedAt: iso(attempt.endedAt),
    })),
  };
}
