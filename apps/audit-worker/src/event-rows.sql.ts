import { sql, statement, storedEventColumns, type StoredEvent } from '#persistence';

/** Bytes of data, or of the sealed part, up to which an event is read together with others. Nearly all have less than 500. */
const mostBytesTogether = 4096;

/** An event as it stands in its row. */
export interface EventRow extends Omit<StoredEvent, 'data'> {
  /** JSON; null where the event is large, and so read by itself: a batch stays small, whatever is in it. */
  readonly data: string | null;
}

/** Columns of an `EventRow`, from `event e` and `eventText`. */
export const eventColumns = sql`${storedEventColumns}, t.data, t.sealed as "personalSealed"`;

/** The text of an event's data, written once; neither that nor the sealed part where one of them is large. */
export const eventText = sql`
  left join lateral (
    select data, e.personal_sealed as sealed from (select e.data::text as data offset 0) written
    where octet_length(data) <= ${mostBytesTogether} and coalesce(octet_length(e.personal_sealed), 0) <= ${mostBytesTogether}
  ) t on true`;

export const readLarge = statement<Pick<EventRow, 'data' | 'personalSealed'>, { eventId: string }>(
  'read-large-event',
  ($) => sql`select data::text as data, personal_sealed as "personalSealed" from event where id = ${$.eventId}`,
);
