import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '#contracts';
import { openQueues, type Queues } from '#messaging';
import { createLogger, SettingsError } from '#runtime';
import { startRelay } from '../../apps/relay/src/app.js';
import { reconcile } from '../../apps/relay/src/reconcile.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { redisIsHere, startRedis, type RedisServer } from '../support/redis-server.js';

const logger = createLogger('test');
logger.level = 'silent';

/** Waits until something is so; the test's own time limit says when it never will be. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(20);
}

(redisIsHere() ? describe : describe.skip)('on Redis', () => {
  let redis: RedisServer;
  let test: TestDatabase;
  let sql: pg.Client;
  let queues: Queues;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.command('flushall');
    test = await createTestDatabase();
    sql = new pg.Client(test.url);
    await sql.connect();
    queues = await openQueues(redis.url, logger);
  });
  afterEach(async () => {
    await queues.close();
    await sql.end();
    await test.close();
  });

  async function enqueue(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId('event'));
    await sql.query(
      `insert into outbox (id, job, payload)
       select id, 'deliver-sms', jsonb_build_object('deliveryId', id) from unnest($1::text[]) id`,
      [ids],
    );
    return ids;
  }

  /** Takes deliveries to the end, as a worker does, and remembers them. */
  function consume() {
    const seen: string[] = [];
    const consumer = queues.consume(
      'sms',
      {
        'deliver-sms': async ({ deliveryId }) => {
          seen.push(deliveryId);
          await sql.query(`delete from outbox where payload ->> 'deliveryId' = $1`, [deliveryId]);
        },
      },
      { concurrency: 5, logger },
    );
    return { seen, consumer };
  }

  it('what the outbox holds is done, each once', async () => {
    const ids = await enqueue(500);
    const { seen } = consume();
    const relay = await startRelay({ database: test.database, queues, logger });
    await until(() => seen.length >= ids.length);
    await relay.stop();
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('a job that asks for another time runs again, and its attempts are not counted', async () => {
    const times: number[] = [];
    queues.consume(
      'sms',
      {
        'deliver-sms': async () => {
          times.push(Date.now());
          return times.length < 3 ? { retryAt: new Date(Date.now() + 100) } : undefined;
        },
      },
      { concurrency: 1, logger },
    );
    await queues.publish([{ job: 'deliver-sms', id: 'dlv_1', payload: { deliveryId: 'dlv_1' } }]);
    await until(() => times.length === 3);
    await sleep(300);
    expect(times).toHaveLength(3);
  });

  it('FLUSHALL loses nothing: what was published and never done is published again', async () => {
    const relay = await startRelay({ database: test.database, queues, logger });
    const ids = await enqueue(50);
    await until(async () => (await sql.query('select from outbox where published_at is null')).rowCount === 0);
    await redis.command('flushall');
    await sql.query(`update outbox set published_at = published_at - interval '1 hour'`);
    await reconcile(test.database);
    const { seen } = consume();
    await until(() => seen.length >= ids.length);
    await relay.stop();
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('while Redis is away the relay waits; when it is back, what was accepted meanwhile is done', async () => {
    const relay = await startRelay({ database: test.database, queues, logger });
    const { seen } = consume();
    await redis.kill();
    const ids = await enqueue(20);
    await sleep(1000);
    await expect(queues.ping()).rejects.toThrow('did not answer');
    expect(seen).toEqual([]);
    await redis.start();
    await until(() => new Set(seen).size >= ids.length);
    await relay.stop();
    expect([...new Set(seen)].toSorted()).toEqual(ids.toSorted());
  });

  it('keys stand in braces, so that a cluster keeps a queue in one slot', async () => {
    await queues.publish([{ job: 'deliver-sms', id: 'dlv_1', payload: { deliveryId: 'dlv_1' } }]);
    const keys = (await redis.command('keys', '*')) as string[];
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith('{sallyport}:'))).toEqual([]);
  });

  it('an eviction policy that drops jobs is refused, with the line that mends it', async () => {
    const careless = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    const refused = await openQueues(careless.url, logger).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SettingsError);
    expect((refused as Error).message).toContain('config set maxmemory-policy noeviction');
    await careless.command('config', 'set', 'maxmemory-policy', 'noeviction');
    await (await openQueues(careless.url, logger)).close();
    await careless.stop();
  });

  it('a password is asked for and used', async () => {
    const guarded = await startRedis(['--protected-mode', 'no']);
    await guarded.command('config', 'set', 'requirepass', 'p@ss/word');
    const bad = await openQueues(guarded.url, logger).catch((error: unknown) => error);
    expect((bad as Error).message).toBe('Redis refuses the login. Check QUEUE_URL.');
    const url = guarded.url.replace('//', `//:${encodeURIComponent('p@ss/word')}@`);
    await (await openQueues(url, logger)).close();
    await guarded.stop();
  });
});
