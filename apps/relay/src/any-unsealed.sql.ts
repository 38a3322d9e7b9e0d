import { firstUnsealed, sql, statement } from '#persistence';

/** Whether events wait for their seal; those of transactions that have not ended are not seen. */
export const anyUnsealed = statement<{ waiting: boolean }>(
  'any-event-above-the-log',
  sql`select exists (select from ${firstUnsealed('e.tx')}) as waiting`,
);
