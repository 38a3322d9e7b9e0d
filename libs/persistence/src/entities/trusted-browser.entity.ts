import { defineEntity, p } from '@mikro-orm/core';
import { DeviceEntity } from './authenticator.entity.js';
import { UserEntity } from './tenancy.entity.js';

/** A browser that is not asked for a code again. Only the hash of its token is kept; it goes with its device. */
export const TrustedBrowserEntity = defineEntity({
  name: 'TrustedBrowser',
  tableName: 'trusted_browser',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').deleteRule('cascade'),
    /** The device that approved it. */
    device: p.manyToOne(DeviceEntity).mapToPk().fieldName('device_id').deleteRule('cascade'),
    tokenHash: p.blob().unique(),
    userAgentSealed: p.blob().strictNullable(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
  },
  indexes: [{ properties: ['user'] }, { properties: ['device'] }, { properties: ['expiresAt'] }],
});
