import { sql, statement } from '#persistence';

export const findOwnTenant = statement<{ id: string }, { name: string }>(
  'find-own-tenant',
  ($) => sql`select id from tenant where name = ${$.name} order by created_at limit 1`,
);
