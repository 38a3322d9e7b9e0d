import { Problem } from '#contracts';
import { assertKnownKeys, type Database } from '#persistence';
import { loadKeys } from '#runtime';
import type { DeliveryReader, Operator } from '../../../gateway/src/operator.js';
import { assertTenant } from './assert-tenant.js';
import { keySettings } from './key-file.js';
import { Refusal, withDatabase } from './shell.js';

/**
 * Does something about users by the use cases of the API, in one tenant, with the gateway's keys.
 * @param notFound words where what was asked for is not there
 * @throws {Refusal} where the API would refuse
 */
export function withOperator<T>(
  tenantId: string,
  notFound: string,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  return withTenant(tenantId, notFound, async (database) => {
    const keys = loadKeys(['sealing', 'pepper', 'proof'], keySettings());
    // Under other keys nothing that is sealed could be opened, and what is written could not be read.
    await assertKnownKeys(database, keys);
    // The gateway's use cases take a while to load: only commands that need them do so.
    const { openOperator } = await import('../../../gateway/src/operator.js');
    return work(await openOperator({ database, keys, tenantId }));
  });
}

/** The same with what the API shows of deliveries; it needs no keys. */
export function withDeliveries<T>(
  tenantId: string,
  notFound: string,
  work: (deliveries: DeliveryReader, database: Database) => Promise<T>,
): Promise<T> {
  return withTenant(tenantId, notFound, async (database) => {
    const { readDeliveries } = await import('../../../gateway/src/operator.js');
    return work(readDeliveries(database, tenantId), database);
  });
}

async function withTenant<T>(tenantId: string, notFound: string, work: (database: Database) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    await assertTenant(database, tenantId);
    try {
      return await work(database);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Refusal(error.code === 'not_found' ? notFound : error.message);
    }
  });
}
