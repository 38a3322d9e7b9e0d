import { defineEntity, p } from '@mikro-orm/core';

/**
 * Codes sent in one day or hour: by device and number, which is a quota, or by a rule of the pumping guard, which has its
 * name here besides. The key is a MAC, so that the table names nobody.
 */
export const SendWindowEntity = defineEntity({
  name: 'SendWindow',
  tableName: 'send_window',
  properties: {
    key: p.blob().primary(),
    /** The hour; of a day, its date at midnight UTC, whatever the time zone that the day is of. */
    startsAt: p.datetime().primary(),
    sent: p.integer().default(0),
    /** Those of them that somebody entered. */
    approved: p.integer().default(0),
    tenantId: p.text().strictNullable(),
    rule: p.text().strictNullable(),
    /** What it counts, for who looks at a block: the panel's own ids, the first digits of numbers, a mail domain. */
    label: p.text().strictNullable(),
    /** When it first refused, how often it did, and when an administrator lifted it for the rest of its time. */
    blockedAt: p.datetime().strictNullable(),
    refused: p.integer().default(0),
    liftedAt: p.datetime().strictNullable(),
  },
  indexes: [
    { properties: ['startsAt'] },
    {
      name: 'send_window_blocked',
      properties: ['tenantId', 'blockedAt'],
      expression: `create index "send_window_blocked" on "send_window" ("tenant_id", "blocked_at") where blocked_at is not null`,
    },
  ],
});

/** How fast codes follow each other on one device, over all its challenges. */
export const SendPaceEntity = defineEntity({
  name: 'SendPace',
  tableName: 'send_pace',
  properties: {
    key: p.blob().primary(),
    /** When the pause after the last send would be over if each had been waited for. */
    readyAt: p.datetime(),
    hourStartsAt: p.datetime(),
    hourSent: p.integer(),
  },
  indexes: [{ properties: ['readyAt'] }],
});

/** What SMS cost a tenant in a day (UTC), as the provider told. In parts, so that workers do not wait for each other. */
export const SmsSpendEntity = defineEntity({
  name: 'SmsSpend',
  tableName: 'sms_spend',
  properties: {
    tenantId: p.text().primary(),
    day: p.date().primary(),
    part: p.smallint().autoincrement(false).primary(),
    messages: p.integer(),
    /** In the provider's currency. */
    cost: p.decimal().columnType('numeric(14,5)'),
  },
  indexes: [{ properties: ['day'] }],
});

/** Wrong codes for one address that is yet to be proved, over all enrolments of it. */
export const AddressGuessEntity = defineEntity({
  name: 'AddressGuess',
  tableName: 'address_guess',
  properties: {
    key: p.blob().primary(),
    wrongCodes: p.integer(),
    lockedUntil: p.datetime().strictNullable(),
    lastAt: p.datetime().defaultRaw('clock_timestamp()'),
  },
  indexes: [{ properties: ['lastAt'] }],
});
