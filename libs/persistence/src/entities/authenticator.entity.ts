import { defineEntity, p } from '@mikro-orm/core';
import { UserEntity } from './tenancy.entity.js';

// No foreign key to the tenant on rows that are written at every login: its check would lock one tenant row for all.

/** An authenticator of a user. Its counter of wrong codes lives across challenges. */
export const DeviceEntity = defineEntity({
  name: 'Device',
  tableName: 'device',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').deleteRule('cascade'),
    method: p.text(),
    name: p.text(),
    status: p.text(),
    isDefault: p.boolean().default(false),
    applications: p.array().columnType('text[]').nullable(),
    replacesDeviceId: p.text().nullable(),
    secretSealed: p.blob().nullable(),
    totpAlgorithm: p.text().nullable(),
    totpDigits: p.smallint().nullable(),
    totpPeriod: p.smallint().nullable(),
    lastUsedStep: p.bigint().nullable(),
    addressSealed: p.blob().nullable(),
    addressMac: p.blob().nullable(),
    wrongCodes: p.integer().default(0),
    lockedUntil: p.datetime().nullable(),
    lastUsedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    verifiedAt: p.datetime().nullable(),
    enrolmentExpiresAt: p.datetime(),
  },
  indexes: [{ properties: ['user'] }, { properties: ['tenantId', 'addressMac'] }],
});

/** The recovery codes of a user as one pool with a counter of its own. */
export const RecoveryPoolEntity = defineEntity({
  name: 'RecoveryPool',
  tableName: 'recovery_pool',
  properties: {
    user: p.oneToOne(UserEntity).mapToPk().fieldName('user_id').primary().deleteRule('cascade'),
    generatedAt: p.datetime().defaultRaw('now()'),
    acknowledgedAt: p.datetime().nullable(),
    /** The enrolment that showed the codes; they can't be used until it is verified. */
    enrolmentDeviceId: p.text().nullable(),
    wrongCodes: p.integer().default(0),
    lockedUntil: p.datetime().nullable(),
  },
});

export const RecoveryCodeEntity = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_code',
  properties: {
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').primary().deleteRule('cascade'),
    mac: p.blob().primary(),
    usedAt: p.datetime().nullable(),
  },
});

/** Time during which a device or the recovery codes refuse checks. */
export const LockoutEntity = defineEntity({
  name: 'Lockout',
  tableName: 'lockout',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').deleteRule('cascade'),
    subject: p.text(),
    deviceId: p.text().nullable(),
    wrongCodes: p.integer(),
    startedAt: p.datetime().defaultRaw('clock_timestamp()'),
    lockedUntil: p.datetime(),
    endedAt: p.datetime().nullable(),
    endReason: p.text().nullable(),
  },
  indexes: [
    { properties: ['user', 'startedAt'] },
    {
      name: 'lockout_open',
      properties: ['lockedUntil'],
      expression: 'create index "lockout_open" on "lockout" ("locked_until") where ended_at is null',
    },
  ],
});
