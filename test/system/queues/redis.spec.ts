import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';
import { openLine } from '../../support/line.js';
import { redisIsHere, startRedis, type RedisServer } from '../../support/redis-server.js';
import {
  commandAs,
  makePrivateCa,
  startCluster,
  startWatchedPair,
  tlsIsHere,
  type PrivateCa,
} from '../../support/redis-topologies.js';
import { runProgram } from '../../support/system.js';
import { startRelay } from '../../support/apps.js';
import {
  allowSallyport,
  begun,
  consume,
  expectWork,
  lines,
  logger,
  open,
  openOutbox,
  password,
  refusal,
  until,
} from '../../support/redis-work.js';

const inAddress = encodeURIComponent(password);

/** A Sentinel on a busy machine may look away for 30 s. */
const failoverMs = 120_000;

/** One command with the password. */
const asOwner = ({ url }: RedisServer, name: string, ...args: string[]) =>
  commandAs(url.replace('//', `//:${inAddress}@`), name, ...args);

(redisIsHere() ? describe : describe.skip)('one Redis', () => {
  let redis: RedisServer;
  const at = (credentials: string) => redis.url.replace('//', `//${credentials}@`);

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('is refused with an eviction policy that drops jobs, with the line that mends it', async () => {
    await redis.command('config', 'set', 'maxmemory-policy', 'allkeys-lru');
    expect(await refusal(redis.url)).toContain('config set maxmemory-policy noeviction');
    await redis.command('config', 'set', 'maxmemory-policy', 'noeviction');
    expect(await refusal(redis.url)).toBe('none');
  });

  it('serves a user that has the rights of the runbook, and no others', async () => {
    await allowSallyport(redis);
    const queues = await open(at(`sallyport:${inAddress}`));
    let runs = 0;
    const seen = consume(queues, async () => {
      if (++runs === 1) throw new Error('once');
    });
    await expectWork(queues, seen);
    await queues.probe();
    const user = at(`sallyport:${inAddress}`);
    await expect(commandAs(user, 'get', 'of another program')).rejects.toThrow('NOPERM');
    await expect(commandAs(user, 'flushall')).rejects.toThrow('NOPERM');

    expect(await refusal(at('sallyport:wrong'))).toBe('Redis rejected the login. Check QUEUE_URL.');
    await redis.command('acl', 'setuser', 'sallyport', '-info');
    expect(await refusal(at(`sallyport:${inAddress}`))).toContain('Redis does not allow this user to run a command');
  });

  it('is asked for with its password', async () => {
    await redis.command('config', 'set', 'requirepass', password);
    try {
      expect(await refusal(redis.url)).toBe('Redis rejected the login. Check QUEUE_URL.');
      expect(await refusal(at(':wrong'))).toBe('Redis rejected the login. Check QUEUE_URL.');
      const queues = await open(at(`:${inAddress}`));
      await expectWork(queues, consume(queues));
    } finally {
      await commandAs(at(`:${inAddress}`), 'config', 'set', 'requirepass', '');
    }
  });
});

(redisIsHere() && tlsIsHere() ? describe : describe.skip)('Redis with TLS and a private CA', () => {
  let ca: PrivateCa;
  const trusted = getCACertificates('default');

  beforeAll(() => {
    ca = makePrivateCa();
  });
  afterAll(() => ca.remove());
  afterEach(() => setDefaultCACertificates(trusted));
  const trust = () => setDefaultCACertificates([...trusted, readFileSync(ca.file, 'utf8')]);

  async function startTls(): Promise<{ url: string; redis: RedisServer }> {
    const port = await freePort();
    const redis = await startRedis([...ca.settings, '--tls-port', String(port)]);
    begun.push(() => redis.stop());
    await redis.command('acl', 'setuser', 'panel', 'on', '~*', '&*', '+@all', `>${password}`);
    return { url: `rediss://panel:${inAddress}@localhost:${port}`, redis };
  }

  it('carries jobs from publisher to worker', async () => {
    const { url } = await startTls();
    trust();
    const queues = await open(url);
    await expectWork(queues, consume(queues));
  });

  it('is refused where its certificate is not trusted, or made out to another name', async () => {
    const { url } = await startTls();
    expect(await refusal(url)).toMatch(/not trusted \(\w+\).*NODE_EXTRA_CA_CERTS/);
    trust();
    expect(await refusal(url.replace('localhost', '127.0.0.1'))).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(lines.join('')).not.toContain(password);
  });

  it('is trusted by a process that NODE_EXTRA_CA_CERTS tells its CA', async () => {
    const { url, redis } = await startTls();
    const outbox = await openOutbox();
    const settings = { DATABASE_URL: outbox.url, QUEUE_URL: url };
    const stranger = runProgram('relay/main', [], settings);
    expect(await stranger.ended).toBe(1);
    expect(stranger.output.stderr).toMatch(/^relay: QUEUE_URL: the certificate of Redis is not trusted .*\n$/m);

    const [id] = await outbox.add(1);
    const relay = runProgram('relay/main', [], { ...settings, NODE_EXTRA_CA_CERTS: ca.file });
    begun.push(async () => {
      relay.process.kill('SIGTERM');
      expect(await relay.ended).toBe(0);
    });
    await until(async () => (await redis.command('exists', `{sallyport}:sms:${id}`)) === 1);
  }, 240_000);

  it('joins a cluster whose nodes have names', async () => {
    const cluster = await startCluster({ ca });
    begun.push(() => cluster.stop());
    trust();
    const queues = await open(`rediss://${cluster.hosts}?cluster=true`);
    await expectWork(queues, consume(queues));
  });
});

(redisIsHere() ? describe : describe.skip)('Redis behind Sentinels', () => {
  it.each([
    ['dies', (master: RedisServer) => master.kill()],
    // Its connections stay open, and nothing comes back on them.
    ['hangs', (master: RedisServer) => asOwner(master, 'client', 'pause', '600000', 'all')],
  ])(
    'goes on at the replica when its master %s, and no job is lost',
    async (_, strike) => {
      const pair = await startWatchedPair('main', password);
      begun.push(() => pair.stop());
      const [master, replica] = pair.nodes as [RedisServer, RedisServer];
      // The first Sentinel is away: the next is asked.
      const url = `redis://:${inAddress}@127.0.0.1:${await freePort()},${pair.sentinel}?sentinel=main`;
      const queues = await open(url);
      const outbox = await openOutbox();
      const relay = await startRelay({ database: outbox.database, queues, logger });
      begun.push(() => relay.stop());
      const seen = consume(queues, outbox.end);
      const before = await outbox.add(20);
      await until(async () => (await outbox.count('true')) === 0);

      // With the replica cut off, what is published now is known to the master alone, and goes with it.
      await asOwner(replica, 'replicaof', '127.0.0.1', String(await freePort()));
      const lost = await outbox.add(10, 'deliver-email');
      await until(async () => (await outbox.count('published_at is null')) === 0);
      await strike(master);
      await until(async () => (await pair.master()) === replica.url);
      const after = await outbox.add(5);
      await until(async () => (await outbox.count(`job = 'deliver-sms'`)) === 0);
      expect(new Set(seen)).toEqual(new Set([...before, ...after]));

      const found: string[] = [];
      const handlers = {
        'deliver-email': async ({ deliveryId }: { deliveryId: string }) => {
          found.push(deliveryId);
          await outbox.end(deliveryId);
        },
        'deliver-notice': async () => undefined,
      };
      queues.consume('email', handlers, { concurrency: 5, logger });
      await sleep(1000);
      expect(found).toEqual([]);
      // The relay's own reconciler finds them by their age.
      await outbox.sql.query(`update outbox set published_at = published_at - interval '16 seconds'`);
      await until(async () => (await outbox.count('true')) === 0);
      expect(found.toSorted()).toEqual(lost.toSorted());
    },
    failoverMs,
  );

  it(
    'goes on when the failover is announced while it asks who the master is',
    async () => {
      const pair = await startWatchedPair('main', password);
      begun.push(() => pair.stop());
      const [master] = pair.nodes as [RedisServer, RedisServer];
      let holdBack = Promise.resolve();
      const line = await openLine(`redis://:${inAddress}@${pair.sentinel}?sentinel=main`, (request) =>
        request.includes('get-master-addr-by-name') ? holdBack : undefined,
      );
      begun.push(() => line.close());
      const queues = await open(line.url);
      const seen = consume(queues);
      await expectWork(queues, seen);

      // A moment later, so that all have heard of it.
      holdBack = pair.announcement().then(() => sleep(100));
      await master.kill();
      await holdBack;
      await expectWork(queues, seen);
    },
    failoverMs,
  );

  it('is refused where the master drops jobs, and where nobody knows a master of that name', async () => {
    const pair = await startWatchedPair('main', password);
    begun.push(() => pair.stop());
    const url = `redis://:${inAddress}@${pair.sentinel}?sentinel=`;
    await asOwner(pair.nodes[0] as RedisServer, 'config', 'set', 'maxmemory-policy', 'allkeys-lru');
    expect(await refusal(`${url}main`)).toContain('maxmemory-policy allkeys-lru');
    expect(await refusal(`${url}other`)).toContain('do not know a master with this name');
  });
});

(redisIsHere() ? describe : describe.skip)('a Redis cluster', () => {
  it(
    'keeps all of the queues in one slot, and goes on at the replica when the master of that slot dies',
    async () => {
      const cluster = await startCluster({ standbyOf: '{sallyport}' });
      begun.push(() => cluster.stop());
      const queues = await open(`redis://${cluster.hosts}?cluster=true`);
      const outbox = await openOutbox();
      const relay = await startRelay({ database: outbox.database, queues, logger });
      begun.push(() => relay.stop());
      const seen = consume(queues, outbox.end);
      const before = await outbox.add(500);
      await outbox.add(20, 'examine-rejection');
      await until(async () => (await outbox.count(`job = 'deliver-sms' or published_at is null`)) === 0);
      expect(seen.toSorted()).toEqual(before.toSorted());

      const standby = cluster.nodes.at(-1) as RedisServer;
      const keys = await Promise.all(cluster.nodes.map(async (node) => (await node.command('keys', '*')) as string[]));
      const holders = cluster.nodes.filter((_, n) => keys[n]?.length);
      expect(holders).toHaveLength(2);
      expect(holders).toContain(standby);
      const slots = keys.flat().map((key) => standby.command('cluster', 'keyslot', key));
      expect(new Set(await Promise.all(slots)).size).toBe(1);

      await (holders.find((node) => node !== standby) as RedisServer).kill();
      const after = await outbox.add(20);
      await until(async () => (await outbox.count(`job = 'deliver-sms'`)) === 0);
      expect(new Set(seen)).toEqual(new Set([...before, ...after]));
      await queues.probe();
    },
    failoverMs,
  );

  it('serves the user of the runbook, and is refused where any master drops jobs', async () => {
    const cluster = await startCluster();
    begun.push(() => cluster.stop());
    for (const node of cluster.nodes) await allowSallyport(node);
    const url = `redis://sallyport:${inAddress}@${cluster.hosts}?cluster=true`;
    const queues = await open(url);
    await expectWork(queues, consume(queues));
    for (const node of cluster.nodes) {
      await node.command('config', 'set', 'maxmemory-policy', 'volatile-ttl');
      expect(await refusal(url)).toContain('maxmemory-policy volatile-ttl');
      await node.command('config', 'set', 'maxmemory-policy', 'noeviction');
    }
  });
});
