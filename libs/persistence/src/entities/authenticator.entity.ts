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
    applications: p.array().columnType('text[]').strictNullable(),
    replacesDeviceId: p.text().strictNullable(),
    /** The approved challenge that let its enrolment begin; none where there was nothing to protect yet. */
    approvalId: p.text().strictNullable(),
    secretSealed: p.blob().strictNullable(),
    totpAlgorithm: p.text().strictNullable(),
    totpDigits: p.smallint().strictNullable(),
    totpPeriod: p.smallint().strictNullable(),
    lastUsedStep: p.bigint().strictNullable(),
    addressSealed: p.blob().strictNullable(),
    addressMac: p.blob().strictNullable(),
    /**
     * Under which its messages are counted: the same for this user and address, however often it is added; where a proven
     * number may be used by others on the account, the same for all of them.
     */
    quotaKey: p.blob().strictNullable(),
    /** Whether somebody else on the account has proved the number. */
    reused: p.boolean().default(false),
    /** When its number became another one: what it approved before counts no more. */
    addressChangedAt: p.datetime().strictNullable(),
    /** A number that is to take the place of the present one. Its code is sent under this id. */
    pendingId: p.text().strictNullable(),
    pendingSealed: p.blob().strictNullable(),
    pendingMac: p.blob().strictNullable(),
    pendingQuotaKey: p.blob().strictNullable(),
    pendingExpiresAt: p.datetime().strictNullable(),
    /** The approved challenge that let it be changed. */
    pendingApprovalId: p.text().strictNullable(),
    wrongCodes: p.integer().default(0),
    lockedUntil: p.datetime().strictNullable(),
    /** The same for challenges from places that the user has logged in from: a stranger's guesses don't count there. */
    knownWrongCodes: p.integer().default(0),
    knownLockedUntil: p.datetime().strictNullable(),
    lastUsedAt: p.datetime().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    verifiedAt: p.datetime().strictNullable(),
    enrolmentExpiresAt: p.datetime(),
  },
  indexes: [
    { properties: ['user'] },
    { properties: ['tenantId', 'addressMac'] },
    {
      name: 'device_unverified',
      properties: ['enrolmentExpiresAt'],
      expression: `create index "device_unverified" on "device" ("enrolment_expires_at") where status = 'unverified'`,
    },
  ],
});

/**
 * Seeds that were brought in, as a keyed MAC of user and seed. Outlives device and user, so that a file that is imported
 * again does not bring back what was removed since.
 */
export const ImportedSeedEntity = defineEntity({
  name: 'ImportedSeed',
  tableName: 'imported_seed',
  properties: {
    mac: p.blob().primary(),
    importedAt: p.datetime().defaultRaw('now()'),
    /** MACs of what was told with it, by the names of the fields. */
    fields: p.json().columnType('jsonb').nullable(),
  },
});

/** The credential of a passkey, there once its device is verified. */
export const WebauthnCredentialEntity = defineEntity({
  name: 'WebauthnCredential',
  tableName: 'webauthn_credential',
  properties: {
    device: p.oneToOne(DeviceEntity).mapToPk().fieldName('device_id').primary().deleteRule('cascade'),
    tenantId: p.text(),
    /** Base64url, as the authenticator chose it. */
    credentialId: p.text(),
    /** COSE_Key: no secret. */
    publicKey: p.blob(),
    signCount: p.bigint(),
    transports: p.array().columnType('text[]'),
    backupEligible: p.boolean(),
    backedUp: p.boolean(),
    /** Model of the authenticator: which devices are concerned when one turns out to be weak. */
    aaguid: p.text(),
  },
  uniques: [{ properties: ['tenantId', 'credentialId'] }],
});

/** The recovery codes of a user as one pool. Wrong ones are counted and never lock: 80 random bits cannot be guessed. */
export const RecoveryPoolEntity = defineEntity({
  name: 'RecoveryPool',
  tableName: 'recovery_pool',
  properties: {
    user: p.oneToOne(UserEntity).mapToPk().fieldName('user_id').primary().deleteRule('cascade'),
    /** The set in force: only its codes count. */
    setId: p.text(),
    /** How many codes of this set are unused: always the count of its rows. */
    codesLeft: p.integer(),
    generatedAt: p.datetime().defaultRaw('now()'),
    acknowledgedAt: p.datetime().strictNullable(),
    /** The enrolment that showed the codes; they can't be used until it is verified. */
    enrolmentDeviceId: p.text().strictNullable(),
    wrongCodes: p.integer().default(0),
  },
});

export const RecoveryCodeEntity = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_code',
  properties: {
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').primary().deleteRule('cascade'),
    mac: p.blob().primary(),
    setId: p.text(),
    usedAt: p.datetime().strictNullable(),
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
    deviceId: p.text().strictNullable(),
    wrongCodes: p.integer(),
    startedAt: p.datetime().defaultRaw('clock_timestamp()'),
    lockedUntil: p.datetime(),
    endedAt: p.datetime().strictNullable(),
    endReason: p.text().strictNullable(),
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
