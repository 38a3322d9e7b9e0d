import { encodeEvent, formatEncodedEntry } from '#audit-log';
import { sealedEvent, type StoredEvent } from '#persistence';
import type { EntryRow } from './log-row.js';

/**
 * An event as it was hashed: a line of an export. One that somebody has changed so that it has no encoding any more is
 * left out of its line, as is one that was pruned; the hash that was sealed stays.
 */
export function sealedLine(row: EntryRow): string {
  const encoding = row.id === null ? undefined : encodingOf(row);
  return formatEncodedEntry(encoding, { index: row.sequence - 1, leafHash: row.leafHash });
}

/** The text that is hashed of an event; undefined where it has none. */
export function encodingOf(row: StoredEvent): string | undefined {
  try {
    return encodeEvent(sealedEvent(row));
  } catch (error) {
    // No number of JSON, half a surrogate pair, nesting too deep.
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
