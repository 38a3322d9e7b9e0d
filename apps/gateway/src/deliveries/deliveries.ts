import { Injectable } from '@nestjs/common';
import { attemptOutcomes, deliveryStates, Problem } from '#contracts';
import { Database, statement, subsets, type Statement } from '#persistence';
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
        '`queued`: not sent yet. `sending`: in progress, or tried without a response, so it may have arrived. `sent`: accepted by the provider. `delivered`: the provider confirmed delivery. `failed`: not sent. `expired`: it expired before it could be sent',
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
            'null: in progress. `sent`: accepted by the provider. `transient`: not sent, will be retried. `permanent`: refused, will not be retried. `unknown`: it may have been sent; a late response can still change this',
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

const columns = `
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
const own = (application: string) => `
  (${application}::text is null
    or (l.challenge_id is null or (select c.application from challenge c where c.id = l.challenge_id) = ${application})
      and coalesce((select ${admits('d', application)} from device d where d.id = l.device_id), true))`;

const selectDelivery = statement(
  'delivery.find',
  `select ${columns} where l.id = $1 and l.tenant_id = $2 and ${own('$3')}`,
);

/** What each filter of the list compares with its value. */
const filters = {
  accountId: (value: string) => `a.tenant_id = $1 and a.external_id = ${value}`,
  userId: (value: string) => `u.tenant_id = $1 and u.external_id = ${value}`,
  deviceId: (value: string) => `l.device_id = ${value}`,
  challengeId: (value: string) => `l.challenge_id = ${value}`,
  status: (value: string) => `l.status = ${value}`,
};
type Filter = keyof typeof filters;
const filterNames = Object.keys(filters) as Filter[];

/** Sorts after every id. */
const afterAll = `dlv_${'z'.repeat(27)}`;

/** A statement for each set of filters, so that each has a plan of its own: one for all could use no index. */
const selectDeliveries = new Map(
  subsets(filterNames).map((given) => [
    given.join(),
    statement(
      `delivery.list${given.map((name) => `-${name}`).join('')}`,
      `select ${columns}
       where l.tenant_id = $1 and l.id < $2 and ${own('$4')}
       ${given.map((name, index) => `and ${filters[name](`$${index + 5}`)}`).join(' ')}
       order by l.id desc limit $3`,
    ),
  ]),
);

type Row = Omit<DeliveryAnswer, 'createdAt' | 'expiresAt' | 'sentAt' | 'endedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
};

/** Messages that were sent, with every attempt. Never their content. */
@Injectable()
export class Deliveries {
  constructor(private readonly database: Database) {}

  async get(caller: Caller, deliveryId: string): Promise<DeliveryAnswer> {
    const row = await this.database.one<Row>(selectDelivery, [deliveryId, caller.tenantId, caller.application]);
    if (!row) throw new Problem('not_found', { detail: 'There is no such delivery.' });
    return view(row);
  }

  /** The latest first. */
  async list(caller: Caller, query: z.infer<typeof deliveriesQuery>) {
    const given = filterNames.filter((name) => query[name] !== undefined);
    const rows = await this.database.query<Row>(selectDeliveries.get(given.join()) as Statement, [
      caller.tenantId,
      decodeCursor(query.cursor) ?? afterAll,
      query.limit + 1,
      caller.application,
      ...given.map((name) => query[name]),
    ]);
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
