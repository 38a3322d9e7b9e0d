import { defineEntity, p } from '@mikro-orm/core';
import { UserEntity } from './tenancy.entity.js';

/**
 * One message to one device or, where it has no user, to whoever looks after a webhook, as a state machine:
 * `queued` → `sending` (under a lease) → `sent` → `delivered`, where a receipt says so; back to `queued` after a fault that sent nothing;
 * `sending` without a lease where nobody can tell whether it was sent; `failed` when it certainly was not and the provider
 * refuses for good or its time is up; `expired` when its time is up otherwise.
 * The fence rises with every lease: whoever holds an old one can only tell that it was sent after all.
 */
export const DeliveryEntity = defineEntity({
  name: 'Delivery',
  tableName: 'delivery',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').deleteRule('cascade').strictNullable(),
    deviceId: p.text().strictNullable(),
    challengeId: p.text().strictNullable(),
    channel: p.text(),
    kind: p.text(),
    /** Of an SMS: ISO 3166-1 alpha-2, null for networks of no country, and the first digits of the number, with the `+`. */
    country: p.text().strictNullable(),
    prefix: p.text().strictNullable(),
    status: p.text().default('queued'),
    /** Address, code and words; wiped when the delivery ends. */
    payloadSealed: p.blob().strictNullable(),
    fence: p.integer().default(0),
    leaseUntil: p.datetime().strictNullable(),
    nextAttemptAt: p.datetime().defaultRaw('now()'),
    provider: p.text().strictNullable(),
    providerReference: p.text().strictNullable(),
    error: p.text().strictNullable(),
    requestId: p.text().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
    sentAt: p.datetime().strictNullable(),
    endedAt: p.datetime().strictNullable(),
    /** Sent, and kept with its secrets until `nextAttemptAt`: where no receipt has come by then, the next route carries it. */
    awaitsReceipt: p.boolean().default(false),
    /** Attempts of which a receipt says that nothing arrived. */
    failedAttempts: p
      .array((text) => Number(text))
      .columnType('int[]')
      .strictNullable(),
  },
  indexes: [
    {
      name: 'delivery_awaiting',
      properties: ['expiresAt'],
      expression: `create index "delivery_awaiting" on "delivery" ("expires_at") where awaits_receipt`,
    },
    { properties: ['tenantId', 'id'] },
    { properties: ['tenantId', 'status', 'id'] },
    { properties: ['deviceId'] },
    { properties: ['challengeId'] },
    { properties: ['user'] },
    {
      name: 'delivery_of_own_sender',
      properties: ['providerReference'],
      expression: `create index "delivery_of_own_sender" on "delivery" ("provider_reference") where provider = 'http'`,
    },
    {
      name: 'delivery_open',
      properties: ['expiresAt'],
      expression: `create index "delivery_open" on "delivery" ("expires_at") where status in ('queued', 'sending')`,
    },
  ],
});

/** One try at one provider. */
export const DeliveryAttemptEntity = defineEntity({
  name: 'DeliveryAttempt',
  tableName: 'delivery_attempt',
  properties: {
    delivery: p.manyToOne(DeliveryEntity).mapToPk().fieldName('delivery_id').primary().deleteRule('cascade'),
    /** The fence under which it ran, so 1, 2, 3, … */
    number: p.integer().primary(),
    provider: p.text(),
    startedAt: p.datetime().defaultRaw('clock_timestamp()'),
    endedAt: p.datetime().strictNullable(),
    outcome: p.text().strictNullable(),
    error: p.text().strictNullable(),
    providerReference: p.text().strictNullable(),
    price: p.text().strictNullable(),
    /** What the provider told of it later: `delivered` or `failed`. */
    receipt: p.text().strictNullable(),
    receiptAt: p.datetime().strictNullable(),
    receiptError: p.text().strictNullable(),
    /** What of it is in `sms_spend`, and what was before the last change. */
    spent: p.decimal().columnType('numeric(14,5)').strictNullable(),
    spentBefore: p.decimal().columnType('numeric(14,5)').strictNullable(),
  },
});

/** A provider that tells receipts, and how many of them were missed since the last one that came. */
export const ReceiptSourceEntity = defineEntity({
  name: 'ReceiptSource',
  tableName: 'receipt_source',
  properties: {
    provider: p.text().primary(),
    lastAt: p.datetime().defaultRaw('now()'),
    missing: p.integer().default(0),
  },
});
