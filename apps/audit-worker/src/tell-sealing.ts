import { newId } from '#contracts';
import type { Database } from '#persistence';
import { recordStart, recordStop, tenantIds } from './tell-sealing.sql.js';

const records = { started: recordStart, stopped: recordStop };

/** Has the log of each tenant tell that sealing begins or ends. */
export async function tellSealing(database: Database, what: keyof typeof records, workerId: string): Promise<void> {
  const tenants = await database.query(tenantIds);
  if (tenants.length === 0) return;
  const eventIds = tenants.map(() => newId('event'));
  await database.query(records[what], { eventIds, tenantIds: tenants.map(({ id }) => id), workerId });
}
