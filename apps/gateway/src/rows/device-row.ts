import type { Method } from '#contracts';
import type { PasskeyDescriptor } from '#auth-core';
import { deviceSeal, sql, type Sealer } from '#persistence';

/** What a device is in the database, for whoever reads or decides by one. */

/** Condition: a device that is limited to some applications serves no others, nor none. */
export const admits = (device: string, application: string) =>
  sql`(${device}.applications is null or ${application} = any (${device}.applications))`;

/** Methods of the devices that the user has proved, disabled ones included: what `mayAnswer` asks for. */
export const provedMethods = (userRef: string) => sql`
  array(select pd.method from device pd where pd.user_id = ${userRef} and pd.verified_at is not null) as "provedMethods"`;

/**
 * Condition: `mayAnswer` of one of a user's devices that are verified.
 * @param devices those devices, as a query
 * @param allowed placeholder of the methods that the policy allows
 * @param alone placeholder of those of them that may stand alone
 */
export const someMayAnswer = (devices: string, allowed: string, alone: string) => sql`
  exists (
    select from ${devices} able where able.status = 'verified' and (
      able.method = any (${alone}::text[]) or able.method = any (${allowed}::text[]) and exists (
        select from ${devices} beside
        where beside.verified_at is not null and beside.method = any (${alone}::text[]))))`;

/** A passkey in a read of devices. */
export interface PasskeyColumn extends PasskeyDescriptor {
  readonly backedUp: boolean;
}

/** The passkey of a device as a `PasskeyColumn`, or null. */
export const passkeyOf = (device: string) => sql`
  case when ${device}.method = 'webauthn' then (
    select json_build_object('credentialId', w.credential_id, 'transports', w.transports, 'backedUp', w.backed_up)
    from webauthn_credential w where w.device_id = ${device}.id
  ) end`;

/** The same as a column of a query over `device d`. */
export const passkeyColumn = `${passkeyOf('d')} as passkey`;

export interface DeviceRow {
  readonly deviceId: string;
  readonly method: Method;
  readonly name: string;
  readonly status: 'unverified' | 'verified' | 'disabled';
  readonly isDefault: boolean;
  readonly addressSealed: Buffer | null;
  readonly addressMac: Buffer | null;
  readonly quotaKey: Buffer | null;
  readonly wrongCodes: number;
  readonly lockedUntil: Date | null;
  readonly lastUsedAt: Date | null;
  readonly deviceCreatedAt: Date;
  readonly verifiedAt: Date | null;
  readonly enrolmentExpiresAt: Date;
  readonly applications: readonly string[] | null;
  /** A number that waits to be proved. */
  readonly pendingId: string | null;
  readonly pendingSealed: Buffer | null;
  readonly pendingMac: Buffer | null;
  readonly pendingQuotaKey: Buffer | null;
  readonly pendingExpiresAt: Date | null;
  readonly passkey: PasskeyColumn | null;
  readonly provedMethods: readonly Method[];
  readonly quotaUsed: number | null;
  readonly resetsAt: Date;
}

export function openAddress(
  sealer: Sealer,
  tenantId: string,
  row: Pick<DeviceRow, 'deviceId' | 'addressSealed'>,
): string | null {
  return row.addressSealed && sealer.openText('address', deviceSeal(tenantId, row.deviceId), row.addressSealed);
}

/** The number that waits to be proved, while it may be. */
export function openPending(
  sealer: Sealer,
  tenantId: string,
  row: Pick<
    DeviceRow,
    'deviceId' | 'pendingId' | 'pendingSealed' | 'pendingMac' | 'pendingQuotaKey' | 'pendingExpiresAt'
  >,
  now: Date,
): { changeId: string; address: string; addressMac: Buffer; quotaKey: Buffer | null; expiresAt: Date } | null {
  const { pendingId, pendingSealed, pendingMac, pendingExpiresAt } = row;
  if (pendingId === null || !pendingSealed || !pendingMac || !pendingExpiresAt || pendingExpiresAt <= now) return null;
  const address = sealer.openText('address', deviceSeal(tenantId, row.deviceId), pendingSealed);
  return {
    changeId: pendingId,
    address,
    addressMac: pendingMac,
    quotaKey: row.pendingQuotaKey,
    expiresAt: pendingExpiresAt,
  };
}

/** A lock only while it lasts. */
export function lockOf(lockedUntil: Date | null, now: Date): string | null {
  return lockedUntil !== null && now < lockedUntil ? lockedUntil.toISOString() : null;
}
