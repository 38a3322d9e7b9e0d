import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach } from '@jest/globals';
import pg from 'pg';
import { newId } from '#contracts';
import { type Handlers, type Publication } from '#messaging';
import { createLogger, type RunningApp } from '#runtime';
import { createTestDatabase, type TestDatabase } from './database.js';
import { type QueueBackend, type QueueStore } from './queue-backends.js';
import { startRelay } from './apps.js';
import { type Consumer, openQueues, type Queues } from './queues.js';

/** Relays and queues, for each file that imports this: all of them end with their test. */

export let lines: string[];
export const logger = createLogger(
  'test',
  new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) }),
);

export let test: TestDatabase;
export let sql: pg.Client;
export let store: QueueStore;
export let queues: Queues;
export const relays: RunningApp[] = [];

beforeEach(async () => {
  lines = [];
  test = await createTestDatabase();
  sql = new pg.Client(test.url);
  await sql.connect();
});

afterEach(async () => {
  await sql.end();
  await test.close();
});

/** For tests that need a queue: `store` and `queues`, fresh each time. */
export function openBefore(backend: QueueBackend): void {
  beforeEach(async () => {
    store = await backend.open(test.url);
    queues = await openQueues(store.url, logger);
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await queues.close();
    await store.close();
  });
}

/** Waits until something is so; the test's own time limit says when it never will be. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(20);
}

export async function rows<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await sql.query(text, values)).rows as Row[];
}

export async function relay(of: Queues = queues) {
  const started = await startRelay({ database: test.database, queues: of, logger });
  relays.push(started);
  return started;
}

/** Puts work for the sms queue into the outbox. */
export async function enqueue(count: number, payload: object | null = null): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('event'));
  await sql.query(
    `insert into outbox (id, job, line, payload)
     select id, 'deliver-sms', '', coalesce($2::jsonb, jsonb_build_object('deliveryId', id)) from unnest($1::text[]) id`,
    [ids, payload && JSON.stringify(payload)],
  );
  return ids;
}

export const done = (deliveryId: string) =>
  sql.query(`delete from outbox where payload ->> 'deliveryId' = $1`, [deliveryId]);

/** Takes deliveries to the end, as a worker does, and remembers them. */
export function consumer(
  of: Queues = queues,
  handler?: Handlers<'sms'>['deliver-sms'],
): { seen: string[]; consumer: Consumer } {
  const seen: string[] = [];
  const handlers: Handlers<'sms'> = {
    'deliver-sms': async (payload, context) => {
      seen.push(context.jobId);
      if (handler) return handler(payload, context);
      await done(payload.deliveryId);
    },
    'deliver-sms-notice': async () => undefined,
  };
  return { seen, consumer: of.consume('sms', handlers, { concurrency: 5, logger }) };
}

/** Ids of all jobs in the sms queue that wait for a worker. */
export async function waitingIds(): Promise<(string | undefined)[]> {
  const found = await store.raw('sms').getJobs(['waiting', 'prioritized']);
  return found.map(({ id }) => id).toSorted();
}

export const publication = (id: string, payload: object = { deliveryId: 'dlv_1' }) =>
  ({ job: 'deliver-sms', id, payload }) as Publication;
