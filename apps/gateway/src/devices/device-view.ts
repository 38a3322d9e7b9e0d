import { methods, type Policy } from '#contracts';
import { mayAnswer } from '#auth-core';
import { sql, type Sealer } from '#persistence';
import { z } from 'zod';
import { countedAddress, maskAddress } from '../codes/addresses.js';
import { quotaAnswer } from '../codes/send-code.js';
import { id, time } from '../http/schemas.js';
import { hasAuthority } from '../proofs/authority.js';
import { lockOf, openAddress, openPending, passkeyColumn, provedMethods, type DeviceRow } from '../rows/device-row.js';
import { openProfile } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';

/** A device as panels see it. */
export const deviceAnswer = z
  .object({
    id: id('dev'),
    accountId: z.string(),
    userId: z.string(),
    method: z.enum(methods),
    name: z.string(),
    status: z.enum(['unverified', 'verified', 'disabled']),
    allowed: z.boolean().meta({ description: 'Whether the policy in force allows it to answer challenges' }),
    isDefault: z.boolean(),
    maskedAddress: z.string().nullable().meta({ description: 'Phone number or e-mail address, mostly hidden' }),
    createdAt: time,
    verifiedAt: time.nullable(),
    lastUsedAt: time.nullable(),
    lockedUntil: time.nullable(),
    enrolmentExpiresAt: time.nullable().meta({ description: 'When the time to verify an unverified device ends' }),
    applications: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The only applications whose challenges it can answer; null means all' }),
    backedUp: z
      .boolean()
      .optional()
      .meta({ description: 'Passkeys only: whether it is synced, so that losing one device does not lose it' }),
    quota: quotaAnswer.optional().meta({ description: "This device's SMS quota for today" }),
    phoneDiffers: z
      .boolean()
      .optional()
      .meta({ description: "SMS only: whether the user's phone number differs from the device's" }),
    pendingPhone: z
      .object({ masked: z.string(), status: z.literal('unverified'), expiresAt: time })
      .optional()
      .meta({ description: 'The new number, which replaces the old one once it is verified' }),
  })
  .meta({ id: 'Device' });
export type DeviceAnswer = z.infer<typeof deviceAnswer>;

/** Today in a time zone, as `send_window` writes days. */
export const dayIn = (zone: string) => sql`(now() at time zone ${zone})::date::timestamp at time zone 'UTC'`;

/**
 * Columns of a device with its quota of the day, for a query over `device d` with user, account and tenant, whose time zone
 * is `zone`. An enrolment, or a new number, whose approval has no authority any more reads as expired.
 */
export const deviceColumns = (zone: string) => sql`
  d.id as "deviceId", d.method, d.name, d.status, d.is_default as "isDefault", d.address_sealed as "addressSealed",
  d.address_mac as "addressMac", d.quota_key as "quotaKey", d.wrong_codes as "wrongCodes",
  d.locked_until as "lockedUntil", d.last_used_at as "lastUsedAt", d.created_at as "deviceCreatedAt",
  d.verified_at as "verifiedAt", d.applications,
  case when d.status <> 'unverified' or d.approval_id is null or ${hasAuthority('d.approval_id')}
    then d.enrolment_expires_at else d.created_at end as "enrolmentExpiresAt",
  d.pending_id as "pendingId", d.pending_sealed as "pendingSealed", d.pending_mac as "pendingMac",
  d.pending_quota_key as "pendingQuotaKey",
  case when d.pending_id is null or ${hasAuthority('d.pending_approval_id')}
    then d.pending_expires_at else d.created_at end as "pendingExpiresAt", ${passkeyColumn},
  ${provedMethods('d.user_id')},
  (select sent from send_window q where q.key = d.quota_key and q.starts_at = ${dayIn(zone)}) as "quotaUsed",
  (((now() at time zone ${zone})::date + 1)::timestamp at time zone ${zone}) as "resetsAt"`;

/** The account's time zone inside a query over `tenant t` and `account a`. */
export const zoneExpression = sql`coalesce(a.policy #>> '{phone,timeZone}', t.policy #>> '{phone,timeZone}', 'UTC')`;

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
