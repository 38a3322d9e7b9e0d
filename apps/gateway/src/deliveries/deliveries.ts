import { Injectable } from '@nestjs/common';
import { attemptOutcomes, deliveryStates, receiptStates } from '#contracts';
import { Database } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, externalId, id, listQuery, time } from '../http/schemas.js';
import { noSuch } from '../refusals/refusals.js';
import { filterNames, selectDeliveriesBy, selectDelivery, type DeliveryRow } from './deliveries.sql.js';

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
        '`queued`: not sent yet. `sending`: in progress, or tried without a response, so it may have arrived. `sent`: accepted by the provider. `delivered`: a receipt of the provider confirms that it has arrived. `failed`: not sent, or a receipt says that it did not arrive. `expired`: it expired before it could be sent',
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
        receipt: z.enum(receiptStates).nullable().meta({
          description: 'What the provider told later: null where it has told nothing, or nothing final',
        }),
        receiptAt: time.nullable(),
        receiptError: z.string().nullable(),
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

/** Sorts after every id. */
const afterAll = `dlv_${'z'.repeat(27)}`;

/** Messages that were sent, with every attempt. Never their content. */
@Injectable()
export class Deliveries {
  constructor(private readonly database: Database) {}

  async get(caller: Caller, deliveryId: string): Promise<DeliveryAnswer> {
    const row = await this.database.one(selectDelivery, {
      deliveryId,
      tenantId: caller.tenantId,
      application: caller.application,
    });
    if (!row) throw noSuch('delivery');
    return view(row);
  }

  /** The latest first. */
  async list(caller: Caller, query: z.infer<typeof deliveriesQuery>) {
    const given = filterNames.filter((name) => query[name] !== undefined);
    const rows = await this.database.query(selectDeliveriesBy(given), {
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

function view(row: DeliveryRow): DeliveryAnswer {
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
      receiptAt: iso(attempt.receiptAt),
    })),
  };
}
