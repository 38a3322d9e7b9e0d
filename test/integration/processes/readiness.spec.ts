import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Database, sql, statement } from '#persistence';
import { createLogger } from '#runtime';
import { openForLooks, Readiness, type ReadinessAnswer } from '#process';
import { standstill } from '../../../apps/gateway/src/health/standstill.js';
import { noteQueueStore } from '../../../apps/relay/src/note-queue-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { redisIsHere, startRedis, type RedisServer } from '../../support/redis-server.js';
import { startRelay } from '../../support/apps.js';
import { openQueues, type Queues } from '../../support/queues.js';

const logger = createLogger('test');
logger.level = 'silent';

let store: TestDatabase;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  await store.close();
});

async function queuesAt(url: string): Promise<Queues> {
  const queues = await openQueues(url, logger);
  ends.push(() => queues.close());
  return queues;
}

async function looksAt(url: string): Promise<Database> {
  const looks = openForLooks(url);
  ends.push(() => looks.close());
  return looks;
}

/** Looks until it is as it should be; a look that is not ends the test by its time. */
async function until(readiness: Readiness, status: ReadinessAnswer['status']): Promise<ReadinessAnswer> {
  for (;;) {
    const answer = await readiness.look();
    if (answer.status === status) return answer;
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

describe('readiness by a connection of its own', () => {
  it('calls the database well while every connection of the work is taken', async () => {
    const working = Database.open({ url: store.url, poolSize: 2, onError: () => undefined });
    ends.push(() => working.close());
    const release = Promise.withResolvers<void>();
    const held = [1, 2].map(() => working.transaction(() => release.promise));
    const readiness = new Readiness({ database: await looksAt(store.url), working, needsQueue: false });
    expect(await readiness.look()).toMatchObject({ status: 'ready', checks: { database: true, clock: true } });
    release.resolve();
    await Promise.all(held);
  });

  it('tells of a database that takes no writes, of whatever kind', async () => {
    const readOnly = new URL(store.url);
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on');
    const readiness = new Readiness({ database: await looksAt(readOnly.href), needsQueue: false });
    expect(await readiness.look()).toMatchObject({
      status: 'not_ready',
      checks: { database: false },
      reasons: [expect.stringContaining('accepts no writes')],
    });
  });

  it('says why there is no answer', async () => {
    const away = new URL(store.url);
    away.port = '1';
    const readiness = new Readiness({ database: await looksAt(away.href), needsQueue: false });
    const { status, reasons } = await readiness.look();
    expect([status, reasons?.join()]).toEqual(['not_ready', expect.stringContaining('ECONNREFUSED')]);
  });

  it('tells of a disk on which PostgreSQL found no room', async () => {
    const full = statement<object>('raise-disk-full', sql`do $$ begin raise 'no room' using errcode = '53100'; end $$`);
    const working = Database.open({ url: store.url, poolSize: 1, onError: () => undefined });
    ends.push(() => working.close());
    const readiness = new Readiness({ database: await looksAt(store.url), working, needsQueue: false });
    expect(await readiness.look()).toMatchObject({ status: 'ready' });
    await expect(working.query(full)).rejects.toThrow('no room');
    expect(await readiness.look()).toMatchObject({
      status: 'not_ready',
      checks: { database: true, disk: false },
      reasons: [expect.stringContaining('disk is full')],
    });
  });

  it('answers those who ask at the same time at once, and not ready as soon as it drains', async () => {
    const readiness = new Readiness({ database: await looksAt(store.url), needsQueue: false });
    let looks = 0;
    readiness.watch(async () => {
      looks += 1;
      return {};
    });
    const asked = [readiness.look(), readiness.look(), readiness.look()];
    readiness.drain();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(3).fill('not_ready'));
    expect(looks).toBe(1);
  });
});

describe('work that stands still', () => {
  it('is told by the gateway, which stays ready, and by the relay, which does not', async () => {
    const database = await looksAt(store.url);
    const queues = await queuesAt(store.url);
    const gateway = new Readiness({ database, store: queues, needsQueue: false });
    gateway.watch(standstill);
    expect(await gateway.look()).toMatchObject({ status: 'ready', checks: { publishing: true, sealing: true } });
    const client = await connected(store.url);
    try {
      await client.query(
        `insert into outbox (id, job, line, payload, created_at) values ('evt_1', 'deliver-sms', '', '{}', now() - interval '90 s')`,
      );
      expect(await gateway.look()).toMatchObject({
        status: 'ready',
        checks: { publishing: false, sealing: true },
        reasons: [expect.stringMatching(/^no relay publishes: .* 9\d s$/)],
      });
      await client.query(`insert into tenant (id, name) values ('tnt_1', 'One')`);
      await client.query(
        `insert into event (id, tenant_id, type, data, time) values ('evt_2', 'tnt_1', 'tenant.created', '{}', now() - interval '90 s')`,
      );
      const told = await gateway.look();
      expect(told).toMatchObject({ status: 'ready', checks: { publishing: false, sealing: false } });
      expect(told.reasons?.join()).toContain('no audit worker seals');

      // A relay whose rows somebody holds does not get on.
      await client.query('begin');
      await client.query('select from outbox for update');
      const relay = await startRelay({ database: store.database, queues, logger });
      const readiness = new Readiness({ database, store: queues, needsQueue: true });
      readiness.watch(relay.health);
      expect(await readiness.look()).toMatchObject({ status: 'not_ready', checks: { publishing: false } });
      await client.query('rollback');
      await until(readiness, 'ready');
      await relay.stop();
    } finally {
      await client.end();
    }
  });
});

describe('a queue on PostgreSQL', () => {
  it('that is another one than the relay’s is told', async () => {
    const other = await createTestDatabase();
    try {
      const own = await openQueues(store.url, logger);
      const theirs = await openQueues(other.url, logger);
      const looks = await looksAt(store.url);
      const name = await own.probe();
      expect([await own.probe(), await theirs.probe()]).toEqual([name, expect.not.stringMatching(name)]);
      await noteQueueStore(store.database, name);
      const look = (queues: Queues) => new Readiness({ database: looks, store: queues, needsQueue: true }).look();
      expect(await look(own)).toMatchObject({ status: 'ready', checks: { queue: true } });
      expect(await look(theirs)).toMatchObject({
        status: 'not_ready',
        checks: { queue: false },
        reasons: [expect.stringContaining('is not the queue of the relay')],
      });
      await Promise.all([own.close(), theirs.close()]);
    } finally {
      await other.close();
    }
  });
});

(redisIsHere() ? describe : describe.skip)('a queue on Redis', () => {
  let redis: RedisServer;
  let queues: Queues;
  let worker: Readiness;
  beforeAll(async () => {
    redis = await startRedis();
    queues = await openQueues(redis.url, logger);
    worker = new Readiness({ database: await looksAt(store.url), store: queues, needsQueue: true });
    await noteQueueStore(store.database, await queues.probe());
  });
  afterAll(async () => {
    await queues.close();
    await redis.stop();
  });

  it.each([
    ['at its memory limit', ['maxmemory', '1'], ['maxmemory', '0'], 'at its memory limit'],
    [
      'without the replicas that it wants',
      ['min-replicas-to-write', '1'],
      ['min-replicas-to-write', '0'],
      'too few replicas',
    ],
  ])('%s is no queue, and a gateway goes on', async (_, bad, good, words) => {
    const gateway = new Readiness({ database: await looksAt(store.url), store: queues, needsQueue: false });
    expect(await worker.look()).toMatchObject({ status: 'ready', checks: { queue: true } });
    await redis.command('config', 'set', ...bad);
    const told = { checks: { queue: false }, reasons: [expect.stringContaining(words)] };
    expect(await worker.look()).toMatchObject({ status: 'not_ready', ...told });
    expect(await gateway.look()).toMatchObject({ status: 'ready', ...told });
    await redis.command('config', 'set', ...good);
    expect(await worker.look()).toMatchObject({ status: 'ready', checks: { queue: true } });
  });

  it('that has become a replica, or is another one, is told', async () => {
    await redis.command('replicaof', '127.0.0.1', '1');
    expect(await worker.look()).toMatchObject({ status: 'not_ready', checks: { queue: false } });
    await redis.command('replicaof', 'no', 'one');
    expect(await worker.look()).toMatchObject({ status: 'ready' });

    const other = await openQueues(`${redis.url}/3`, logger);
    const elsewhere = new Readiness({ database: await looksAt(store.url), store: other, needsQueue: true });
    expect(await elsewhere.look()).toMatchObject({ status: 'not_ready', checks: { queue: false } });
    await other.close();
  });

  it('that was emptied is known again as soon as a relay has looked', async () => {
    await redis.command('flushall');
    const relay = await startRelay({ database: store.database, queues, logger });
    await until(worker, 'ready');
    await relay.stop();
  });
});
