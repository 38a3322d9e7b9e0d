import { firstUnsealed, sql, statement } from '#persistence';

/** One row at most. */
export const ageOfUnsealed = statement<{ seconds: number }>(
  'age-of-event-outside-the-log',
  sql`select extract(epoch from clock_timestamp() - e.time)::float8 as seconds from ${firstUnsealed('e.time')}`,
);
