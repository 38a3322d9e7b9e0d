import { defineEntity, p } from '@mikro-orm/core';

/** A key that this database was used with, by a fingerprint that tells nothing of it. */
export const KnownKeyEntity = defineEntity({
  name: 'KnownKey',
  tableName: 'known_key',
  properties: {
    kind: p.text().primary(),
    /** The key's own; empty for the pepper, which has none. */
    id: p.text().primary(),
    fingerprint: p.blob(),
    knownSince: p.datetime().defaultRaw('now()'),
    /** Since when something may have been made with it; null where it only stands ready. */
    usedSince: p.datetime().nullable(),
    /** When it was replaced for good: nobody makes anything with it any more. */
    retiredAt: p.datetime().nullable(),
  },
});

/** The queue that the relay publishes to: one row. */
export const KnownQueueEntity = defineEntity({
  name: 'KnownQueue',
  tableName: 'known_queue',
  properties: {
    id: p.smallint().autoincrement(false).primary(),
    /** What the queue's store calls itself. */
    store: p.text(),
    notedAt: p.datetime().defaultRaw('now()'),
  },
});
