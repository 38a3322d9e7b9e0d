import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect } from '@jest/globals';
import pg from 'pg';
import { newId, type JobName } from '#contracts';
import { createLogger, SettingsError } from '#runtime';
import { createTestDatabase, type TestDatabase } from './database.js';
import { type RedisServer } from './redis-server.js';
import { openQueues, type Queues } from './queues.js';

/** Queues on a Redis of a test, for the file that imports this: all that was begun ends with its test. */

export const lines: string[] = [];
export const logger = createLogger('test', { write: (line) => void lines.push(line) });
export const password = 'p@ss/w:rd';

/** Waits until something is so; the test's own time limit says when it never will be. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(20);
}

/** Ends what a test has begun, the last first. */
export const begun: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (let end = begun.pop(); end; end = begun.pop()) await end();
});

export async function open(url: string): Promise<Queues> {
  const queues = await openQueues(url, logger);
  begun.push(() => queues.close());
  return queues;
}

export const refusal = (url: string) =>
  openQueues(url, logger).then(
    async (queues) => {
      await queues.close();
      return 'none';
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(SettingsError);
      return (error as Error).message;
    },
  );

const publication = (id: string) => ({ job: 'deliver-sms', id, payload: { deliveryId: id } }) as const;

/** Ids of deliveries as their jobs run, also more than once. */
export function consume(
  queues: Queues,
  handle: (deliveryId: string) => Promise<unknown> = async () => undefined,
): string[] {
  const seen: string[] = [];
  const handlers = {
    'deliver-sms': async ({ deliveryId }: { deliveryId: string }) => {
      await handle(deliveryId);
      seen.push(deliveryId);
    },
    'deliver-sms-notice': async () => undefined,
  };
  queues.consume('sms', handlers, { concurrency: 5, logger });
  return seen;
}

/** Publishes one job and waits until it is done. */
export async function expectWork(queues: Queues, seen: string[]): Promise<void> {
  const id = newId('event');
  await queues.publish([publication(id)]);
  await until(() => seen.includes(id));
}

/** An outbox whose rows a worker ends. */
export async function openOutbox() {
  const test: TestDatabase = await createTestDatabase();
  begun.push(() => test.close());
  const sql = new pg.Client(test.url);
  await sql.connect();
  begun.push(() => sql.end());
  const add = async (count: number, job: JobName = 'deliver-sms') => {
    const ids = Array.from({ length: count }, () => newId('event'));
    await sql.query(
      `insert into outbox (id, job, line, payload)
       select id, $2, '', jsonb_build_object('deliveryId', id) from unnest($1::text[]) id`,
      [ids, job],
    );
    return ids;
  };
  const count = async (condition: string) => (await sql.query(`select from outbox where ${condition}`)).rowCount;
  const end = (id: string) => sql.query('delete from outbox where id = $1', [id]);
  return { url: test.url, database: test.database, sql, add, count, end };
}

/** A user with the rights that the runbook asks for. */
export async function allowSallyport(redis: RedisServer): Promise<void> {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const rights = /^ACL SETUSER sallyport (.*) >PASSWORD$/m.exec(runbook)?.[1]?.split(' ') ?? [];
  expect(rights).not.toHaveLength(0);
  await redis.command('acl', 'setuser', 'sallyport', ...rights, `>${password}`);
}
