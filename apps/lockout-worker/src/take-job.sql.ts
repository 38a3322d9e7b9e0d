import { sql, statement } from '#persistence';

export const deleteJob = statement<{ id: string }, { id: string }>(
  'take-security-job',
  ($) => sql`delete from outbox where id = ${$.id} returning id`,
);
