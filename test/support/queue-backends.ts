import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { createPostgresBackend, createRedisBackend, Queue, withBackend, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import type { QueueName } from '#contracts';
import { redisIsHere, startRedis, type RedisServer } from './redis-server.js';

/** BullMQ's own queue, past our publisher: to look at jobs, and to add them as another version would. */
export type RawQueue = Pick<Queue, 'add' | 'getJob' | 'getJobs'>;

/** What stands in a place, as text. */
export interface Content {
  readonly place: string;
  readonly text: string;
}

/** An empty store of queues, of one test's own. */
export interface QueueStore {
  /** For `openQueues`. */
  readonly url: string;
  /** Closed with the store. */
  raw(name: QueueName): RawQueue;
  /** Loses all jobs. The store itself is there, and empty. */
  lose(): Promise<void>;
  /** From now on it does not answer, until it is brought back with all that it had. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /** Cuts the connections that our queues have open now. */
  cutConnections(): Promise<void>;
  /** Everything that it holds. */
  contents(): Promise<Content[]>;
  close(): Promise<void>;
}

export interface QueueBackend {
  readonly name: string;
  /** @param databaseUrl a migrated database, of this test alone */
  open(databaseUrl: string): Promise<QueueStore>;
}

const schema = 'sallyport_queue';

export const postgres: QueueBackend = {
  name: 'PostgreSQL',
  async open(url) {
    const sql = new pg.Client({ connectionString: url, application_name: 'test-queue-store' });
    await sql.connect();
    const { Queue: PostgresQueue } = withBackend(createPostgresBackend);
    const connection = { connectionString: url, schema, migrate: false, max: 1 };
    const queues = openOnce((name) => new PostgresQueue(name, { connection }) as unknown as Queue);
    return {
      url,
      raw: queues.get,
      async lose() {
        await sql.query(`drop schema ${schema} cascade`);
        await migrateQueues(url);
      },
      takeAway: async () => void (await sql.query(`alter schema ${schema} rename to away`)),
      bringBack: async () => void (await sql.query(`alter schema away rename to ${schema}`)),
      async cutConnections() {
        await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'sallyport-queue'`);
      },
      async contents() {
        const { rows: tables } = await sql.query<{ name: string }>(
          `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1`,
          [schema],
        );
        const contents: Content[] = [];
        for (const { name } of tables) {
          const { rows } = await sql.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
          contents.push({ place: name, text: rows.map(({ row }) => row).join('\n') });
        }
        return contents;
      },
      async close() {
        await queues.close();
        await sql.end();
      },
    };
  },
};

/** One server for a test file, made when it is first asked for. */
let server: RedisServer | undefined;

const redis: QueueBackend = {
  name: 'Redis',
  async open() {
    const own = (server ??= await startRedis());
    await own.command('flushall');
    const queues = openOnce((name) => {
      const opened = new Queue(name, { connection: { url: own.url }, prefix: '{sallyport}' }, createRedisBackend);
      opened.on('error', () => undefined);
      return opened;
    });
    return {
      url: own.url,
      raw: queues.get,
      lose: async () => void (await own.command('flushall')),
      takeAway: () => own.kill(),
      bringBack: () => own.start(),
      cutConnections: async () => void (await own.command('client', 'kill', 'type', 'normal')),
      contents: () => redisContents(own),
      close: () => queues.close(),
    };
  },
};

function openOnce(open: (name: QueueName) => Queue) {
  const opened = new Map<QueueName, Queue>();
  return {
    get: (name: QueueName) => {
      const queue = opened.get(name) ?? open(name);
      opened.set(name, queue);
      return queue;
    },
    close: async () => void (await Promise.all([...opened.values()].map((queue) => queue.close()))),
  };
}

/** Names and values of all keys of all types, and the files, byte by byte. */
async function redisContents({ url, command }: RedisServer): Promise<Content[]> {
  const client = new Redis(url);
  const contents: Content[] = [];
  try {
    for (const key of await client.keys('*')) {
      const type = await client.type(key);
      const read = {
        string: () => client.get(key),
        list: () => client.lrange(key, 0, -1),
        hash: () => client.hgetall(key),
        set: () => client.smembers(key),
        zset: () => client.zrange(key, '0', '-1', 'WITHSCORES'),
        stream: () => client.xrange(key, '-', '+'),
      }[type];
      if (!read) throw new Error(`Redis has a key of the type ${type}, which nobody reads.`);
      // One value a line: in JSON some of them would be escaped.
      contents.push({ place: `Redis ${type} ${key}`, text: `${key}\n${leaves(await read()).join('\n')}` });
    }
  } finally {
    client.disconnect();
  }
  const [, folder] = (await command('config', 'get', 'dir')) as [string, string];
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    contents.push({
      place: `Redis file ${file.name}`,
      text: await readFile(join(file.parentPath, file.name), 'latin1'),
    });
  }
  return contents;
}

function leaves(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, inner]) => [...(Array.isArray(value) ? [] : [name]), ...leaves(inner)]);
}

/** What the queue knows of a job. */
export async function jobIn(queue: RawQueue, id: string) {
  const job: Job | undefined = await queue.getJob(id);
  if (!job) return undefined;
  const { attemptsMade, failedReason, stacktrace } = job;
  // With a priority or without, it waits.
  const state = (await job.getState()).replace('prioritized', 'waiting');
  return { state, attemptsMade, failedReason: failedReason ?? null, stacktrace: stacktrace ?? [] };
}

const redisHere = redisIsHere();
if (redisHere) afterAll(() => server?.stop());

/** The same tests on PostgreSQL and on Redis; without a `redis-server` its half is skipped, and that is said. */
export function describeOnBackends(title: string, tests: (backend: QueueBackend) => void): void {
  describe(`${title} on ${postgres.name}`, () => tests(postgres));
  (redisHere ? describe : describe.skip)(`${title} on ${redis.name}`, () => tests(redis));
}
