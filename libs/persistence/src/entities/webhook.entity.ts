import { defineEntity, p } from '@mikro-orm/core';
import { TenantEntity } from './tenancy.entity.js';

/** An endpoint of a panel that is told of events. Its secrets are sealed under the key `webhook`, bound to its id. */
export const WebhookEntity = defineEntity({
  name: 'Webhook',
  tableName: 'webhook',
  properties: {
    id: p.text().primary(),
    tenant: p.manyToOne(TenantEntity).mapToPk().fieldName('tenant_id').deleteRule('cascade'),
    url: p.text(),
    description: p.text().strictNullable(),
    /** Names, or prefixes as `challenge.*`; none means all. */
    types: p.array().columnType('text[]').strictNullable(),
    /** The panel's own id: events of that account only. */
    accountId: p.text().strictNullable(),
    /** E-mail address of whoever looks after it, sealed as those of users are, and the language of its mails. */
    contactSealed: p.blob().strictNullable(),
    contactLocale: p.text().strictNullable(),
    secretSealed: p.blob(),
    /** Signs beside the other until then. */
    previousSecretSealed: p.blob().strictNullable(),
    previousSecretUntil: p.datetime().strictNullable(),
    status: p.text().default('enabled'),
    /** `manual`, `gone` or `failing`. */
    disabledReason: p.text().strictNullable(),
    disabledAt: p.datetime().strictNullable(),
    /** Since when no attempt has succeeded; null where the last one did. */
    failingSince: p.datetime().strictNullable(),
    /** When an attempt failed, to the minute. */
    failedAt: p.datetime().strictNullable(),
    /** For how long it has been seen to fail, up to then: while nobody calls it, it is not. */
    failingFor: p.string().columnType('interval').defaultRaw(`'00:00:00'::interval`),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ properties: ['tenant', 'id'] }],
});

/**
 * One event on its way to one endpoint: `queued` → `delivered`, `failed` (its time was up) or `canceled` (the endpoint was
 * disabled or deleted).
 */
export const WebhookDeliveryEntity = defineEntity({
  name: 'WebhookDelivery',
  tableName: 'webhook_delivery',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    webhookId: p.text(),
    eventId: p.text(),
    /** The row of the outbox that it shares with others, up to their first attempts. */
    groupId: p.text().strictNullable(),
    /** The delivery that it repeats. */
    redeliveryOf: p.text().strictNullable(),
    status: p.text().default('queued'),
    attempts: p.integer().default(0),
    fence: p.integer().default(0),
    leaseUntil: p.datetime().strictNullable(),
    nextAttemptAt: p.datetime().defaultRaw('clock_timestamp()'),
    lastHttpStatus: p.integer().strictNullable(),
    /** A short name of ours, never the receiver's words. */
    lastError: p.text().strictNullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    endedAt: p.datetime().strictNullable(),
  },
  indexes: [
    { name: 'webhook_delivery_created_at', properties: ['createdAt'] },
    {
      name: 'webhook_delivery_list',
      properties: ['webhookId', 'createdAt', 'id'],
      expression:
        'create index "webhook_delivery_list" on "webhook_delivery" ("webhook_id", "created_at" desc, "id" desc)',
    },
    {
      name: 'webhook_delivery_once',
      properties: ['webhookId', 'eventId'],
      expression:
        'create unique index "webhook_delivery_once" on "webhook_delivery" ("webhook_id", "event_id") where redelivery_of is null',
    },
    {
      name: 'webhook_delivery_queued',
      properties: ['nextAttemptAt'],
      expression: `create index "webhook_delivery_queued" on "webhook_delivery" ("next_attempt_at") where status = 'queued'`,
    },
    {
      name: 'webhook_delivery_redelivery',
      properties: ['webhookId', 'eventId'],
      expression:
        'create index "webhook_delivery_redelivery" on "webhook_delivery" ("webhook_id", "event_id") where redelivery_of is not null',
    },
    {
      name: 'webhook_delivery_status',
      properties: ['webhookId', 'status', 'createdAt', 'id'],
      expression:
        'create index "webhook_delivery_status" on "webhook_delivery" ("webhook_id", "status", "created_at" desc, "id" desc)',
    },
  ],
});

/** One request to an endpoint. */
export const WebhookAttemptEntity = defineEntity({
  name: 'WebhookAttempt',
  tableName: 'webhook_attempt',
  properties: {
    delivery: p.manyToOne(WebhookDeliveryEntity).mapToPk().fieldName('delivery_id').primary().deleteRule('cascade'),
    /** The fence under which it ran, so 1, 2, 3, … */
    number: p.integer().primary(),
    startedAt: p.datetime().defaultRaw('clock_timestamp()'),
    endedAt: p.datetime().strictNullable(),
    httpStatus: p.integer().strictNullable(),
    error: p.text().strictNullable(),
    durationMs: p.integer().strictNullable(),
  },
});
