import { sql, statement } from '#persistence';

export const countTenants = statement<{ tenants: number }>(
  'count-tenants',
  sql`select count(*)::int as tenants from tenant`,
);
