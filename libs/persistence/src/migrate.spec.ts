import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startVanishingPostgres } from '../../../test/support/vanishing-postgres.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';

let postgres: Awaited<ReturnType<typeof startVanishingPostgres>>;
beforeEach(async () => {
  postgres = await startVanishingPostgres();
});
afterEach(() => postgres.close());

/** Time for an `error` that nobody listens to: it would end the process, and here the test. */
const aMoment = () => new Promise((done) => setTimeout(done, 50));

it('a migration whose database goes away in the middle is told so, and the process goes on', async () => {
  await expect(migrate(postgres.url)).rejects.toThrow('Connection terminated');
  await aMoment();
});

it('so are a statement and a transaction', async () => {
  const database = Database.open({ url: postgres.url, poolSize: 2, onError: () => undefined });
  await expect(database.now()).rejects.toThrow('Connection terminated');
  await expect(database.transaction(() => database.now())).rejects.toThrow('Connection terminated');
  await aMoment();
  await database.close();
});
