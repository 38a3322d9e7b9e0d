import { appendEvents, noOutcomes, sql, statement, type Nothing } from '#persistence';

/** Writes events that tell of nothing in the database. */
export const tellEvents = statement<Nothing, { events: string }>(
  'event.tell',
  ($) => sql`with guard as (select ${noOutcomes}), ${appendEvents($.events, 'guard')} select from guard`,
);
