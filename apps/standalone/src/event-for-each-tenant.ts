import { newId } from '#contracts';
import type { Database } from '#persistence';
import { countTenants } from './event-for-each-tenant.sql.js';

/** Tenants that may be created before the events are written. */
const spareIds = 16;

/** Ids for a statement that writes an event into the log of every tenant. */
export async function eventForEachTenant(database: Database): Promise<string[]> {
  const { tenants } = (await database.one(countTenants)) ?? { tenants: 0 };
  return Array.from({ length: tenants + spareIds }, () => newId('event'));
}
