import type { attemptOutcomes, DeliveryState, ReceiptState } from '#contracts';
import { joinOwner, sql, statement, subsets, type Placeholders, type Statement } from '#persistence';
import { admits } from '../rows/device-row.js';

const columns = sql`
  l.id, a.external_id as "accountId", u.external_id as "userId", l.device_id as "deviceId",
  l.challenge_id as "challengeId", l.channel, l.kind, l.status, l.provider, l.error, l.created_at as "createdAt",
  l.expires_at as "expiresAt", l.sent_at as "sentAt", l.ended_at as "endedAt",
  (select coalesce(json_agg(json_build_object('number', t.number, 'provider', t.provider, 'startedAt', t.started_at,
     'endedAt', t.ended_at, 'outcome', t.outcome, 'error', t.error, 'price', t.price,
     'receipt', t.receipt, 'receiptAt', t.receipt_at, 'receiptError', t.receipt_error) order by t.number), '[]')
   from delivery_attempt t where t.delivery_id = l.id) as attempts
  from delivery l ${joinOwner('l.user_id')}`;

/**
 * Of a key that names its application: what was sent for its own challenges, or to verify a device that serves it. Values and
 * no `exists`, which PostgreSQL would answer by reading all challenges and devices first.
 */
export const own = (application: string) => sql`
  (${application}::text is null
    or (l.challenge_id is null or (select c.application from challenge c where c.id = l.challenge_id) = ${application})
      and coalesce((select ${admits('d', application)} from device d where d.id = l.device_id), true))`;

export const selectDelivery = statement<
  DeliveryRow,
  { deliveryId: string; tenantId: string; application: string | null }
>(
  'delivery.find',
  ($) => sql`select ${columns} where l.id = ${$.deliveryId} and l.tenant_id = ${$.tenantId} and ${own($.application)}`,
);

interface Filters {
  readonly accountId?: string | undefined;
  readonly userId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly challengeId?: string | undefined;
  readonly status?: string | undefined;
}

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
export const filterNames = Object.keys(filters) as (keyof Filters)[];

/** A statement for each set of filters, so that each has a plan of its own: one for all could use no index. */
const selectDeliveries = new Map(
  subsets(filterNames).map((given) => [
    given.join(),
    statement<DeliveryRow, Listing>(
      `delivery.list${given.map((name) => `-${name}`).join('')}`,
      ($) => sql`select ${columns}
       where l.tenant_id = ${$.tenantId} and l.id < ${$.before} and ${own($.application)}
       ${given.map((name) => `and ${filters[name]($)}`).join(' ')}
       order by l.id desc limit ${$.limit}`,
    ),
  ]),
);

/** The statement of a list by these filters. */
export const selectDeliveriesBy = (given: readonly (keyof Filters)[]) =>
  selectDeliveries.get(given.join()) as Statement<DeliveryRow, Listing>;

export interface DeliveryRow {
  readonly id: string;
  readonly accountId: string;
  readonly userId: string;
  readonly deviceId: string | null;
  readonly challengeId: string | null;
  readonly channel: 'sms' | 'email';
  readonly kind: 'code' | 'notice';
  readonly status: DeliveryState;
  readonly provider: string | null;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
  /** Times as PostgreSQL writes them in JSON. */
  readonly attempts: {
    readonly number: number;
    readonly provider: string;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly outcome: (typeof attemptOutcomes)[number] | null;
    readonly error: string | null;
    readonly price: string | null;
    readonly receipt: ReceiptState | null;
    readonly receiptAt: string | null;
    readonly receiptError: string | null;
  }[];
}
