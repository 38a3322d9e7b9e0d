import { encodeEvent, formatEntry, type SealedEvent } from '#audit-log';
import type { EventRow } from './find-events.sql.js';

/**
 * An event as it was hashed: a line of an export. One that somebody has changed so that it has no encoding any more is
 * left out of its line, as if it had been pruned; the hash that was sealed stays.
 */
export function sealedLine(tenantId: string, row: EventRow): string {
  const event = encodingOf(tenantId, row) === undefined ? undefined : sealedEvent(tenantId, row);
  return formatEntry({ index: row.sequence - 1, leafHash: row.leafHash, event });
}

/** The text that is hashed of an event; undefined where it has none. */
export function encodingOf(tenantId: string, row: EventRow): string | undefined {
  try {
    return encodeEvent(sealedEvent(tenantId, row));
  } catch (error) {
    // No number of JSON, half a surrogate pair, nesting too deep.
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function sealedEvent(tenantId: string, row: EventRow): SealedEvent {
  const { id, tx, type, time, accountId, userId, userRef, requestId, data } = row;
  const personal = row.personalSealed?.toString('base64') ?? null;
  return { id, tenantId, tx, type, time, accountId, userId, userRef, requestId, data, personal };
}
