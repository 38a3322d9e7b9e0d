import { sql } from '#persistence';
import { policyValue } from '../policy/policy-value.js';
import { hasAuthority } from '../proofs/authority.js';
import { passkeyColumn, provedMethods } from '../rows/device-row.js';

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
export const zoneExpression = sql`((${policyValue('phone', 'timeZone')}) #>> '{}')`;
