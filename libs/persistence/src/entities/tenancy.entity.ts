import { defineEntity, p } from '@mikro-orm/core';

/** One installation of a control panel: owns API keys, policy and everything below. */
export const TenantEntity = defineEntity({
  name: 'Tenant',
  tableName: 'tenant',
  properties: {
    id: p.text().primary(),
    name: p.text(),
    policy: p.json().columnType('jsonb').defaultRaw(`'{}'::jsonb`),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** A key of a panel. Only its hash is kept; 256 random bits need no slow hash. */
export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    id: p.text().primary(),
    tenant: p.manyToOne(TenantEntity).mapToPk().fieldName('tenant_id').deleteRule('cascade'),
    name: p.text(),
    application: p.text().strictNullable(),
    scopes: p.array().columnType('text[]'),
    hash: p.blob().unique(),
    createdAt: p.datetime().defaultRaw('now()'),
    revokedAt: p.datetime().strictNullable(),
    description: p.text().strictNullable(),
    /** From then on it opens nothing. */
    expiresAt: p.datetime().strictNullable(),
    /** To the minute: each use would be a row written. */
    lastUsedAt: p.datetime().strictNullable(),
  },
  indexes: [{ properties: ['tenant'] }],
});

/** A customer account; `externalId` is the panel's own. */
export const AccountEntity = defineEntity({
  name: 'Account',
  tableName: 'account',
  properties: {
    id: p.text().primary(),
    tenant: p.manyToOne(TenantEntity).mapToPk().fieldName('tenant_id').deleteRule('cascade'),
    externalId: p.text(),
    name: p.text().strictNullable(),
    locale: p.text().strictNullable(),
    policy: p.json().columnType('jsonb').defaultRaw(`'{}'::jsonb`),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ properties: ['tenant', 'externalId'] }],
  indexes: [
    { properties: ['tenant', 'id'] },
    {
      name: 'account_own_policy',
      properties: ['tenant', 'id'],
      expression: `create index "account_own_policy" on "account" ("tenant_id", "id") where policy <> '{}'`,
    },
  ],
});

/** A login identity. Its profile is sealed; its event key opens what is personal in its events. */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'app_user',
  properties: {
    id: p.text().primary(),
    tenant: p.manyToOne(TenantEntity).mapToPk().fieldName('tenant_id').deleteRule('cascade'),
    account: p.manyToOne(AccountEntity).mapToPk().fieldName('account_id').deleteRule('cascade'),
    externalId: p.text(),
    kind: p.text(),
    locale: p.text().strictNullable(),
    profileSealed: p.blob(),
    eventKeySealed: p.blob(),
    twoFactorSince: p.datetime().strictNullable(),
    enrolledAt: p.datetime().strictNullable(),
    /** Whether a second factor protects the user; `service` for one that can have none. By it users are listed and counted. */
    secondFactor: p
      .text()
      .generated(
        `(CASE WHEN (kind = 'service'::text) THEN 'service'::text WHEN (two_factor_since IS NULL) THEN 'disabled'::text ELSE 'enabled'::text END) stored`,
      )
      .strictNullable(),
    /**
     * A browser that became trusted before is trusted no more, even where the revocation could not see its row yet; nor is
     * a proof that was given before.
     */
    trustRevokedAt: p.datetime().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ properties: ['account', 'externalId'] }],
  indexes: [
    { properties: ['tenant', 'externalId'] },
    { properties: ['account', 'id'] },
    { properties: ['account', 'secondFactor', 'id'] },
    { properties: ['tenant', 'secondFactor', 'id'] },
  ],
});
