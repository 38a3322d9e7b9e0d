import type { Database } from '#persistence';
import { Refusal } from './shell.js';
import { findTenant } from './tenants-and-keys.sql.js';

/** @throws {Refusal} where there is no such tenant */
export async function assertTenant(database: Database, id: string): Promise<void> {
  if (!(await database.one(findTenant, { id }))) {
    throw new Refusal(`there is no tenant ${id}. "tenant list" shows them.`);
  }
}
