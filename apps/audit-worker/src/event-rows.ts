import { encodeEvent } from '#audit-log';
import { sealedEvent, type Database } from '#persistence';
import { readLarge, type EventRow } from './event-rows.sql.js';

/** An event without an encoding, and why; nothing of what is in it. */
export class UnencodableEventError extends Error {
  override name = 'UnencodableEventError';
}

/** A large event with what it holds. */
export async function readWhole<Row extends EventRow>(database: Database, row: Row): Promise<Row> {
  const content = await database.one(readLarge, { eventId: row.id });
  return { ...row, ...content };
}

/**
 * What is hashed of an event.
 * @param row one that was read whole
 * @throws {UnencodableEventError} whatever the reason: data that is no object, a number beyond JSON, nesting too deep
 */
export function encodeRow(row: EventRow): string {
  try {
    const data = JSON.parse(row.data ?? '') as Record<string, unknown>;
    return encodeEvent(sealedEvent({ ...row, data }));
  } catch (error) {
    // The encoder's own words name rules. Another error's might quote what it met.
    const words = error instanceof TypeError ? error.message : `It cannot be encoded (${(error as Error).name}).`;
    throw new UnencodableEventError(words);
  }
}
