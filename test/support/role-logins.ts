import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { roles } from '#persistence';
import { createTestDatabase, type TestDatabase } from './database.js';

/** The roles of the processes in a database, for each file that imports this. */

export const names = Object.keys(roles);

export let store: TestDatabase;
export let admin: pg.Client;

beforeAll(async () => {
  store = await createTestDatabase();
  admin = new pg.Client({ connectionString: store.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await store.close();
}); // insufficient_privilege

export async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await done()); waited += 50) {
    if (waited > 40_000) throw new Error(`It never came to this: ${what}.`);
    await sleep(50);
  }
}
