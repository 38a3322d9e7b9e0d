import { Problem } from '#contracts';
import { assertKnownKeys, type Database } from '#persistence';
import { loadKeys } from '#runtime';
import type { Operator } from '../../../gateway/src/operator.js';
import { keySettings } from './key-file.js';
import { Refusal, withDatabase } from './shell.js';
import { findTenant } from './tenants-and-keys.sql.js';

/**
 * Does something by the use cases of the API, in one tenant, with the gateway's keys.
 * @param notFound words where what was asked for is not there
 * @throws {Refusal} where the API would refuse
 */
export async function withOperator<T>(
  tenantId: string,
  notFound: string,
  work: (operator: Operator, database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(async (database) => {
    if (!(await database.one(findTenant, { id: tenantId }))) {
      throw new Refusal(`there is no tenant ${tenantId}. "tenant list" shows them.`);
    }
    const keys = loadKeys(['sealing', 'pepper', 'proof'], keySettings());
    // Under other keys nothing that is sealed could be opened, and what is written could not be read.
    await assertKnownKeys(database, keys);
    // The gateway's use cases take a while to load: only commands that need them do so.
    const { openOperator } = await import('../../../gateway/src/operator.js');
    const operator = await openOperator({ database, keys, tenantId });
    try {
      return await work(operator, database);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Refusal(error.code === 'not_found' ? notFound : error.message);
    }
  });
}
