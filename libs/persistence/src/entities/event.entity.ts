import { defineEntity, p } from '@mikro-orm/core';

/** A fact that happened. Inserted with it, never changed. */
export const EventEntity = defineEntity({
  name: 'Event',
  tableName: 'event',
  properties: {
    id: p.text().primary(),
    /** The transaction that wrote it: the sealer's order, final once no older transaction is running. */
    tx: p.string().columnType('xid8').defaultRaw('pg_current_xact_id()'),
    tenantId: p.text(),
    type: p.text(),
    time: p.datetime().defaultRaw('clock_timestamp()'),
    accountId: p.text().strictNullable(),
    userId: p.text().strictNullable(),
    /** Our own id of the user, whose key opens `personalSealed`. */
    userRef: p.text().strictNullable(),
    requestId: p.text().strictNullable(),
    data: p.json().columnType('jsonb'),
    personalSealed: p.blob().strictNullable(),
  },
  indexes: [
    { properties: ['tx', 'id'] },
    // For who asks what an account or a user did, or when something happened.
    { properties: ['tenantId', 'accountId', 'time'] },
    { properties: ['tenantId', 'userId', 'accountId', 'time'] },
    { properties: ['tenantId', 'type', 'time'] },
    {
      // Few rows: only wrong codes, looked at by account.
      name: 'event_rejection',
      properties: ['tenantId', 'accountId', 'time'],
      expression: `create index "event_rejection" on "event" ("tenant_id", "account_id", "time") where type in ('challenge.rejected', 'challenge.replayed')`,
    },
    // For who asks what happened to one thing. Its id is of one tenant, which is compared in the few rows that are found.
    {
      name: 'event_device',
      properties: ['data', 'time'],
      expression: `create index "event_device" on "event" ((data ->> 'deviceId'), "time") where (data ->> 'deviceId') is not null`,
    },
    {
      name: 'event_challenge',
      properties: ['data'],
      expression: `create index "event_challenge" on "event" ((data ->> 'challengeId')) where (data ->> 'challengeId') is not null`,
    },
    {
      name: 'event_request',
      properties: ['requestId'],
      expression: `create index "event_request" on "event" ("request_id") where request_id is not null`,
    },
  ],
});

/** Work that an event started. The row goes in the transaction that finishes the work. */
export const OutboxEntity = defineEntity({
  name: 'Outbox',
  tableName: 'outbox',
  properties: {
    id: p.text().primary(),
    job: p.text(),
    /** Whose it is: a tenant's id, or empty where it is no one tenant's. The relay lets them take turns. */
    line: p.text(),
    payload: p.json().columnType('jsonb'),
    createdAt: p.datetime().defaultRaw('now()'),
    publishedAt: p.datetime().strictNullable(),
    publications: p.integer().default(0),
    /** It waits in its queue, and nobody asks after it until then. */
    leftUntil: p.datetime().strictNullable(),
    /** Not published any more: it was, and was never done. `failure` is the kind of its last fault. */
    setAsideAt: p.datetime().strictNullable(),
    failure: p.text().strictNullable(),
  },
  checks: [
    {
      name: 'outbox_is_sound',
      expression: `jsonb_typeof(payload) = 'object' and octet_length(payload::text) <= 4096 and id ~ '^[a-z]+_[0-9a-z_]{1,80}$'`,
    },
  ],
  indexes: [
    {
      name: 'outbox_delivery',
      properties: ['payload'],
      expression: `create index "outbox_delivery" on "outbox" ((payload ->> 'deliveryId'))`,
    },
    {
      name: 'outbox_unpublished',
      properties: ['line', 'createdAt'],
      expression: 'create index "outbox_unpublished" on "outbox" ("line", "created_at") where published_at is null',
    },
    {
      name: 'outbox_published',
      properties: ['publishedAt', 'leftUntil'],
      expression:
        'create index "outbox_published" on "outbox" (greatest("published_at", "left_until")) where published_at is not null and set_aside_at is null',
    },
    {
      name: 'outbox_set_aside',
      properties: ['setAsideAt'],
      expression: 'create index "outbox_set_aside" on "outbox" ("set_aside_at") where set_aside_at is not null',
    },
  ],
});

/** A sealed event: its leaf in the tree of its tenant's log. */
export const AuditEntryEntity = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entry',
  properties: {
    tenantId: p.text().primary(),
    sequence: p.bigint().primary(),
    eventId: p.text().unique(),
    leafHash: p.blob(),
    sealedAt: p.datetime().defaultRaw('now()'),
  },
});

/** An event that the log can't take, and why. */
export const UnsealableEventEntity = defineEntity({
  name: 'UnsealableEvent',
  tableName: 'unsealable_event',
  properties: {
    eventId: p.text().primary(),
    tenantId: p.text(),
    reason: p.text(),
    setAsideAt: p.datetime().defaultRaw('now()'),
  },
});

/** The tree of a tenant's log: what has to be known of it to let it grow. */
export const AuditLogEntity = defineEntity({
  name: 'AuditLog',
  tableName: 'audit_log',
  properties: {
    tenantId: p.text().primary(),
    size: p.bigint(),
    edge: p.array().columnType('bytea[]'),
  },
});

/** A complete subtree of 256 leaves or more. */
export const AuditNodeEntity = defineEntity({
  name: 'AuditNode',
  tableName: 'audit_node',
  properties: {
    tenantId: p.text().primary(),
    level: p.smallint().primary(),
    index: p.bigint().primary(),
    hash: p.blob(),
  },
});

/** What a log was at a time, signed. */
export const AuditCheckpointEntity = defineEntity({
  name: 'AuditCheckpoint',
  tableName: 'audit_checkpoint',
  properties: {
    tenantId: p.text().primary(),
    size: p.bigint().primary(),
    signedAt: p.datetime().primary(),
    root: p.blob(),
    note: p.text(),
    oldestEventAt: p.datetime().strictNullable(),
    newestEventAt: p.datetime().strictNullable(),
  },
});

/** What a witness signed of a checkpoint. */
export const AuditCosignatureEntity = defineEntity({
  name: 'AuditCosignature',
  tableName: 'audit_cosignature',
  properties: {
    tenantId: p.text().primary(),
    size: p.bigint().primary(),
    signedAt: p.datetime().primary(),
    witness: p.text().primary(),
    signatureLines: p.text(),
    cosignedAt: p.datetime().defaultRaw('now()'),
  },
});

/** That enough witnesses signed a checkpoint. */
export const AuditWitnessedEntity = defineEntity({
  name: 'AuditWitnessed',
  tableName: 'audit_witnessed',
  properties: {
    tenantId: p.text().primary(),
    size: p.bigint().primary(),
    signedAt: p.datetime().primary(),
    witnessedAt: p.datetime().defaultRaw('now()'),
  },
});

/** How far a log is pruned: its entries up to there have no event any more. */
export const AuditPrunedEntity = defineEntity({
  name: 'AuditPruned',
  tableName: 'audit_pruned',
  properties: {
    tenantId: p.text().primary(),
    size: p.bigint(),
    prunedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A public key that signs a tenant's log. */
export const AuditKeyEntity = defineEntity({
  name: 'AuditKey',
  tableName: 'audit_key',
  properties: {
    tenantId: p.text().primary(),
    vkey: p.text().primary(),
    knownSince: p.datetime().defaultRaw('now()'),
  },
});

/** Who gets the log sent, and who sends to it at present. */
export const AuditCollectorEntity = defineEntity({
  name: 'AuditCollector',
  tableName: 'audit_collector',
  properties: {
    name: p.text().primary(),
    metAt: p.datetime().defaultRaw('now()'),
    /** The worker that sends, until `leaseUntil`. */
    holder: p.text().strictNullable(),
    leaseUntil: p.datetime().strictNullable(),
    /** Why it took no events at the last try. */
    fault: p.text().strictNullable(),
    /** In a row. */
    faults: p.integer().default(0),
    /** Not to be tried before. */
    retryAt: p.datetime().strictNullable(),
  },
});

/** The last entry of a log that a collector has acknowledged. */
export const AuditCollectorPositionEntity = defineEntity({
  name: 'AuditCollectorPosition',
  tableName: 'audit_collector_position',
  properties: {
    collector: p.text().primary(),
    tenantId: p.text().primary(),
    sequence: p.bigint(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** How far the sealer has read: one row. */
export const AuditCursorEntity = defineEntity({
  name: 'AuditCursor',
  tableName: 'audit_cursor',
  properties: {
    id: p.smallint().autoincrement(false).primary(),
    tx: p.string().columnType('xid8'),
    /** The cluster whose transactions `tx` counts: a database restored elsewhere starts their numbers anew. */
    cluster: p.text().strictNullable(),
  },
});
