import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startVanishingPostgres } from '../../../test/support/vanishing-postgres.js';
import { JobQueue } from './job-queue.js';
import { migrateQueues, PostgresStore } from './postgres-store.js';

let postgres: Awaited<ReturnType<typeof startVanishingPostgres>>;
beforeEach(async () => {
  postgres = await startVanishingPostgres();
});
afterEach(() => postgres.close());

/** Time for an `error` that nobody listens to: it would end the process, and here the test. */
const aMoment = () => new Promise((done) => setTimeout(done, 50));

it('a queue whose database goes away while it is opened is told so, and the process goes on', async () => {
  const queue = new JobQueue('sms', new PostgresStore(postgres.url).options);
  queue.on('error', () => undefined);
  await expect(queue.waitUntilReady()).rejects.toThrow('Connection terminated');
  await aMoment();
  await queue.close();
});

it('so is a migration of the queues', async () => {
  await expect(migrateQueues(postgres.url)).rejects.toThrow('Connection terminated');
  await aMoment();
});
