import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Database } from '#persistence';
import type { GatewayOptions } from '../../apps/gateway/src/app.js';
import { callsOf, startTestGateway, type Call } from './gateway.js';
import type { TestPanel } from './gateway-harness.js';
import type { Answer } from './system.js';

/** Calls on their way at once, each over a connection of its own. More would only wait for two cores. */
const sockets = 96;

/** Runs `work` for 0 … count − 1, up to `atOnce` at a time. @returns the results in order */
export async function inParallel<T>(
  count: number,
  work: (index: number) => Promise<T>,
  atOnce: number = sockets,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return results;
}

/** How often each answer came: `{'200': 1, '422 code_already_used': 5}`. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 400 ? String(status) : `${status} ${body?.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The sum of some rows of a tally. */
export function sum(counts: Record<string, number>, ...names: string[]): number {
  return names.reduce((total, name) => total + (counts[name] ?? 0), 0);
}

export interface OtherGateway {
  readonly url: string;
  readonly call: Call;
  stop(): Promise<void>;
}

/** Another gateway on the panel's database, with connections of its own, as another process has. */
export async function startOther(
  panel: TestPanel,
  poolSize = 16,
  more: Pick<GatewayOptions, 'bounds' | 'limits'> = {},
): Promise<OtherGateway> {
  const database = Database.open({ url: panel.databaseUrl, poolSize, onError: () => undefined });
  const { databaseUrl: queueUrl, keyFile, apiKey } = panel;
  const gateway = await startTestGateway({ database, queueUrl, keyFile, ...more });
  return {
    url: gateway.url,
    call: callsOf(gateway.url, apiKey),
    async stop() {
      await gateway.stop();
      await database.close();
    },
  };
}

/** What the database counts against a device. */
export async function countersOf(panel: TestPanel, deviceId: string) {
  const [row] = await panel.sql<{ wrongCodes: number; lockedUntil: Date | null; status: string }>(
    'select wrong_codes as "wrongCodes", locked_until as "lockedUntil", status from device where id = $1',
    [deviceId],
  );
  if (!row) throw new Error('There is no such device.');
  return row;
}

/** Saves the hours that a lock lasts. */
export async function endLock(panel: TestPanel, deviceId: string): Promise<void> {
  await panel.sql(`update device set locked_until = now() - interval '1 millisecond' where id = $1`, [deviceId]);
}

/** How many events of a type there are about one user. */
export async function countEvents(panel: TestPanel, userId: string, type: string): Promise<number> {
  const [row] = await panel.sql<{ n: number }>(
    'select count(*)::int as n from event where user_id = $1 and type = $2',
    [userId, type],
  );
  return row?.n ?? 0;
}

/**
 * Makes a race certain: holds rows, starts the calls, and lets the rows go once calls wait for them.
 *
 * @param hold SQL that locks the rows, in a transaction that is rolled back afterwards
 * @param steps each starts some calls; the next begins when so many statements wait for a lock
 * @returns the answers of all calls, in order
 */
export async function raceBehind(
  panel: TestPanel,
  hold: { readonly text: string; readonly values: readonly unknown[] },
  ...steps: readonly { readonly waiting: number; readonly start: () => Promise<Answer>[] }[]
): Promise<Answer[]> {
  const connect = async () => {
    const client = new pg.Client({ connectionString: panel.databaseUrl, application_name: 'test-race' });
    await client.connect();
    return client;
  };
  const holder = await connect();
  // Not the holder: within a transaction, pg_stat_activity goes on showing the sessions of its first reading.
  const watcher = await connect();
  const calls: Promise<Answer>[] = [];
  try {
    await holder.query('begin');
    await holder.query(hold.text, [...hold.values]);
    for (const { waiting, start } of steps) {
      calls.push(...start());
      for (let waited = 0; (await countWaiting(watcher)) < waiting; waited += 10) {
        if (waited > 10_000) throw new Error(`Fewer than ${waiting} statements came to wait for a lock.`);
        await sleep(10);
      }
    }
  } finally {
    await holder.query('rollback');
    await holder.end();
    await watcher.end();
    await Promise.allSettled(calls);
  }
  return Promise.all(calls);
}

async function countWaiting(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}
