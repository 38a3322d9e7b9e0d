import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { newId, type QueueName } from '#contracts';
import type { Publication } from '#messaging';
import { createLogger } from '#runtime';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startRelay } from '../../support/apps.js';
import { figure } from '../../support/metrics.js';
import { describeOnBackends, type QueueStore } from '../../support/queue-backends.js';
import { openQueues, type Consumer, type Queues } from '../../support/queues.js';

/** What a relay tells of the queues, by which workers are scaled: the same on both stores. */

const logger = createLogger('test', { write: () => undefined });
const sms = (line: string, id = newId('event')): Publication => ({
  job: 'deliver-sms',
  id,
  payload: { deliveryId: newId('delivery') },
  line,
});

describeOnBackends('figures of the queues', (backend) => {
  let database: TestDatabase;
  let store: QueueStore;
  let queues: Queues;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    store = await backend.open(database.url);
    queues = await openQueues(store.url, logger);
    const relay = await startRelay({ database: database.database, queues, logger });
    ends.push(
      () => database.close(),
      () => store.close(),
      () => queues.close(),
      () => relay.stop(),
    );
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const jobs = (state: string, queue: QueueName = 'sms') => figure('sallyport_queue_jobs', { queue, state });
  const oldest = (queue: QueueName = 'sms') => figure('sallyport_queue_oldest_job_seconds', { queue });
  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 30_000; !(await holds());) {
      if (Date.now() > end) throw new Error(`It never came to this: ${what}.`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  /** Puts a job there as a relay would have, some time ago. */
  const addedBefore = (seconds: number, priority: number) =>
    store
      .raw('sms')
      .add(
        'deliver-sms',
        { version: 1, deliveryId: newId('delivery') },
        { jobId: newId('event'), priority, timestamp: Date.now() - seconds * 1000 },
      );

  function consume(handler: () => Promise<void | { retryAt: Date }>): Consumer {
    return queues.consume('sms', { 'deliver-sms': handler, 'deliver-sms-notice': handler }, { concurrency: 1, logger });
  }

  test('an empty queue has no jobs and no age; one that waits has both', async () => {
    expect([await jobs('waiting'), await jobs('delayed'), await jobs('active'), await oldest()]).toEqual([0, 0, 0, 0]);
    await queues.publish([sms('tnt_a'), sms('tnt_a'), sms('tnt_b')]);
    await addedBefore(40, 5);
    expect(await jobs('waiting')).toBe(4);
    expect(await oldest()).toBeGreaterThanOrEqual(40);
    expect(await oldest()).toBeLessThan(60);
    expect([await jobs('waiting', 'email'), await oldest('email')]).toEqual([0, 0]);
  });

  test('the oldest is not the first: others came later and stand before it', async () => {
    await addedBefore(90, 50);
    for (let n = 0; n < 30; n += 1) await addedBefore(1, 2);
    expect(await oldest()).toBeGreaterThanOrEqual(90);
  });

  test('what a worker has in hand, or had and put off, does not wait for one', async () => {
    let release = () => undefined as void;
    const released = new Promise<void>((resolve) => (release = resolve));
    let begun = 0;
    await addedBefore(500, 2);
    const consumer = consume(async () => {
      begun += 1;
      await released;
      return { retryAt: new Date(Date.now() + 600_000) };
    });
    await until('it is begun', async () => begun === 1);
    await addedBefore(20, 2);
    expect([await jobs('active'), await jobs('waiting')]).toEqual([1, 1]);
    expect(await oldest()).toBeLessThan(60);
    release();
    await until('both are put off', async () => (await jobs('delayed')) === 2);
    expect([await jobs('active'), await jobs('waiting'), await oldest()]).toEqual([0, 0, 0]);
    await consumer.close();
    // Its time has come again: it has not been waiting since it was published.
    for (const job of await store.raw('sms').getJobs(['delayed'])) await job.promote();
    expect([await jobs('delayed'), await jobs('waiting'), await oldest()]).toEqual([0, 2, 0]);
  });

  test('jobs that are done are not counted', async () => {
    const consumer = consume(async () => undefined);
    await queues.publish(Array.from({ length: 20 }, () => sms('tnt_a')));
    await until('all is done', async () => (await jobs('waiting')) === 0 && (await jobs('active')) === 0);
    expect([await jobs('delayed'), await oldest()]).toEqual([0, 0]);
    await consumer.close();
  });

  test('while the queue is away its figures are left out, and the others are there', async () => {
    await store.takeAway();
    try {
      expect(await oldest()).toBeUndefined();
      expect(await jobs('waiting')).toBeUndefined();
      expect(await figure('sallyport_outbox_oldest_seconds')).toBe(0);
    } finally {
      await store.bringBack();
    }
    await until('they are back', async () => (await oldest()) === 0);
  }, 60_000);

  test('a job that is in no queue yet is told by its age in the outbox', async () => {
    await store.takeAway();
    try {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(
        `insert into outbox (id, job, line, payload, created_at)
         values ($1, 'deliver-sms', '', '{"deliveryId": "dlv_1"}', now() - interval '70 s')`,
        [newId('event')],
      );
      await client.end();
      expect(await figure('sallyport_outbox_oldest_seconds')).toBeGreaterThanOrEqual(70);
    } finally {
      await store.bringBack();
    }
  }, 60_000);
});
