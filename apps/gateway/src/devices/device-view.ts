import type { Policy } from '#contracts';
import { mayAnswer } from '#auth-core';
import type { Sealer } from '#persistence';
import { countedAddress, maskAddress } from '../codes/addresses.js';
import { lockOf, openAddress, openPending, type DeviceRow } from '../rows/device-row.js';
import { openProfile } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import type { DeviceAnswer } from './device.schema.js';

export function viewDevice(
  sealer: Sealer,
  owner: Pick<UserRow, 'tenantId' | 'accountId' | 'userId' | 'userRef' | 'profileSealed' | 'now'>,
  policy: Policy,
  row: DeviceRow,
): DeviceAnswer {
  const address = openAddress(sealer, owner.tenantId, row);
  const limit = policy.phone.smsPerDevicePerDay;
  const phoneFields = () => {
    const own = openProfile(sealer, owner).phone;
    const pending = openPending(sealer, owner.tenantId, row, owner.now);
    return {
      quota: { limit, used: Math.min(row.quotaUsed ?? 0, limit), resetsAt: row.resetsAt.toISOString() },
      phoneDiffers: own !== null && (address === null || countedAddress(own) !== countedAddress(address)),
      ...(pending && {
        pendingPhone: {
          masked: maskAddress(pending.address),
          status: 'unverified' as const,
          expiresAt: pending.expiresAt.toISOString(),
        },
      }),
    };
  };
  return {
    id: row.deviceId,
    accountId: owner.accountId,
    userId: owner.userId,
    method: row.method,
    name: row.name,
    status: row.status,
    allowed: mayAnswer(policy.methods, row.method, row.provedMethods),
    isDefault: row.isDefault,
    maskedAddress: address === null ? null : maskAddress(address),
    createdAt: row.deviceCreatedAt.toISOString(),
    verifiedAt: row.verifiedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    lockedUntil: lockOf(row.lockedUntil, owner.now),
    enrolmentExpiresAt: row.status === 'unverified' ? row.enrolmentExpiresAt.toISOString() : null,
    applications: row.applications === null ? null : [...row.applications],
    ...(row.passkey ? { backedUp: row.passkey.backedUp } : {}),
    ...(row.method === 'sms' ? phoneFields() : {}),
  };
}
