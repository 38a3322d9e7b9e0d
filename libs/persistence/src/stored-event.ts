import type { SealedEvent } from '#audit-log';
import { isoMicroseconds } from './iso-time.js';
import { sql } from './statement.js';

/** An event as it stands in its row: whatever is hashed of it. */
export interface StoredEvent extends Omit<SealedEvent, 'personal'> {
  readonly personalSealed: Buffer | null;
}

/** Columns of a `StoredEvent` from `event e`, without its data and its sealed part. */
export const storedEventColumns = sql`
  e.id, e.tenant_id as "tenantId", e.tx::text as tx, e.type, ${isoMicroseconds('e.time')} as time,
  e.account_id as "accountId", e.user_id as "userId", e.user_ref as "userRef", e.request_id as "requestId"`;

/** Columns of a sealed event with its place in the log, from `event e` and `audit_entry n`. */
export const loggedEventColumns = sql`
  ${storedEventColumns}, e.data, e.personal_sealed as "personalSealed", n.sequence, n.leaf_hash as "leafHash"`;

/** The event of a row, as the log hashes it: for whoever seals it, and for whoever shows later what was sealed. */
export function sealedEvent(row: StoredEvent): SealedEvent {
  const { id, tenantId, tx, type, time, accountId, userId, userRef, requestId, data } = row;
  const personal = row.personalSealed?.toString('base64') ?? null;
  return { id, tenantId, tx, type, time, accountId, userId, userRef, requestId, data, personal };
}
