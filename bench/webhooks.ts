import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#contracts';
import { createTenant, Database, Sealer } from '#persistence';
import { loadKeys } from '#runtime';
import { openFloor } from './floor.ts';
import { openScenarios } from './scenarios/index.ts';
import { seed } from './seed.ts';
import { openSystem, Started, type System } from './system.ts';

/**
 * How soon a webhook is there, and whom 20 endpoints of a busy tenant slow down: `node bench/webhooks.ts`. bench/README.md says
 * more.
 */
const seconds = 6;
const warmUp = 100;
/** Events of which the rate of the whole way is measured. */
const pile = 500;
const endpoints = 20;
/** Events a second: of the tenant with many endpoints, and of the one beside it. */
const busyRate = 20;
const otherRate = 10;

const began = performance.now();
const say = (line: string) =>
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

type Latencies = Readonly<Record<string, readonly number[]>>;

/** @returns where it listens, and how to ask it what has come since the last time */
async function startReceiver(started: Started) {
  const child = await started.take(
    async () => fork(join(import.meta.dirname, 'receiver.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    async (running) => running.disconnect(),
  );
  const [port] = (await once(child, 'message')) as [number];
  const taken = async (): Promise<Latencies> => {
    child.send('told');
    const [latencies] = (await once(child, 'message')) as [Latencies];
    return latencies;
  };
  return { url: `http://127.0.0.1:${port}`, taken };
}

async function addEndpoint({ sql }: System, sealer: Sealer, tenantId: string, url: string): Promise<void> {
  const id = newId('webhook');
  const secret = sealer.seal('webhook-secret', id, `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
  const values = [id, tenantId, url, ['challenge.approved'], secret];
  await sql.query('insert into webhook (id, tenant_id, url, types, secret_sealed) values ($1, $2, $3, $4, $5)', values);
}

/** Each in a transaction of its own, as the gateway writes them. */
async function occur({ sql }: System, tenantId: string): Promise<void> {
  await sql.query({
    name: 'occur',
    text: `insert into event (id, tenant_id, type, account_id, user_id, request_id, data) values (
      $1, $2, 'challenge.approved', 'account', 'user', 'req_bench',
      '{"amr": ["otp"], "method": "totp", "purpose": "login", "deviceId": "dev_bench", "challengeId": "chl_bench"}')`,
    values: [newId('event'), tenantId],
  });
}

/** Evenly spaced, until it is told to stop. @returns how many there were */
function occurEvenly(system: System, tenantId: string, rate: number): () => Promise<number> {
  let running = true;
  const work = (async () => {
    const start = performance.now();
    let count = 0;
    while (running) {
      for (; count < ((performance.now() - start) / 1000) * rate; count += 1) await occur(system, tenantId);
      await sleep(2);
    }
    return count;
  })();
  return () => {
    running = false;
    return work;
  };
}

function at(list: readonly number[], share: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function measure(started: Started): Promise<string[]> {
  const load = loadavg().map((each) => each.toFixed(1));
  const system = await openSystem(started, [], say);
  const users = 12_000;
  const seeded = await seed(system, users);
  const floor = await openFloor(system, users, 32);
  const options = { only: ['verify'], rounds: 1, seconds, connections: 32, users, cpuProfile: null } as const;
  const none = { rows: { relay: 0, sms: 0, sealing: 0 }, filled: { devices: 0, events: 0 } };
  const bench = await openScenarios(system, seeded, floor, { ...options, ...none });
  const database = Database.open({ url: system.databaseUrl, poolSize: 1, onError: () => undefined });
  const { tenantId: busy } = await createTenant(database, { name: 'Busy' });
  const { tenantId: other } = await createTenant(database, { name: 'Other' });
  await database.close();
  const sealer = new Sealer(loadKeys(['webhook'], { SALLYPORT_KEYS: system.keyFile }).webhook);
  const receiver = await startReceiver(started);
  await addEndpoint(system, sealer, other, `${receiver.url}/other`);
  for (const name of ['relay', 'audit-worker'] as const) await system.start(name);
  await system.start('webhook-worker', { WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32' });

  /** Whatever waits for an endpoint has come there. */
  const arrived = async (count: number) => {
    const all: number[] = [];
    for (const until = performance.now() + 60_000; all.length < count && performance.now() < until; await sleep(20))
      all.push(...((await receiver.taken())['/other'] ?? []));
    return all;
  };
  for (let count = 0; count < warmUp; count += 1) await occur(system, other);
  await arrived(warmUp);
  say('The rate of the whole way …');
  const start = performance.now();
  for (let count = 0; count < pile; count += 1) await occur(system, other);
  await arrived(pile);
  const rate = pile / ((performance.now() - start) / 1000);
  say(`${Math.round(rate)}/s; half of it …`);
  const stop = occurEvenly(system, other, rate / 2);
  await sleep(seconds * 1000);
  const sent = await stop();
  const atHalf = await arrived(sent);

  const { verify } = Object.fromEntries(bench.scenarios);
  if (!verify) throw new Error('There is no scenario for verifications.');
  /** Both tenants go on while something is done. @returns what came to the other one, and how much to the busy one */
  const meanwhile = async <T>(work: () => Promise<T>) => {
    await receiver.taken();
    const stops = [occurEvenly(system, busy, busyRate), occurEvenly(system, other, otherRate)];
    const done = await work();
    const [, count = 0] = await Promise.all(stops.map((end) => end()));
    const { '/other': early = [], ...ofBusy } = await receiver.taken();
    const latencies = [...early, ...(await arrived(count - early.length))];
    return { done, latencies, ofBusy: Object.values(ofBusy).flat().length };
  };
  const beside = async () => {
    await verify.prepare();
    const alone = await meanwhile(() => sleep(seconds * 1000));
    await verify.prepare();
    const { done, latencies: besideVerify } = await meanwhile(() => verify.measure());
    return { ...alone, perSecond: done.perSecond ?? Number.NaN, p99Ms: done.p99Ms ?? Number.NaN, besideVerify };
  };
  say('Verifications …');
  const without = await beside();
  for (let number = 1; number <= endpoints; number += 1)
    await addEndpoint(system, sealer, busy, `${receiver.url}/busy-${number}`);
  const withThem = await beside();

  const ms = (value: number) => Math.round(value).toLocaleString('en');
  const percentiles = (list: readonly number[]) => `${ms(at(list, 0.5))} / ${ms(at(list, 0.99))}`;
  const row = (what: string, { perSecond, p99Ms, latencies, ofBusy, besideVerify }: typeof without) =>
    `| ${what} | ${Math.round(ofBusy / seconds)} | ${percentiles(latencies)} | ${percentiles(besideVerify)} | ${Math.round(perSecond)} | ${ms(p99Ms)} |`;
  const ratio = (of: (found: typeof without) => number) => (of(withThem) / of(without)).toFixed(2);
  return [
    `Load average before the start ${load.join(', ')}.`,
    `One endpoint, one worker, ${pile} events at once: ${Math.round(rate)} a second from the commit to the receiver.`,
    `At half of that, ${atHalf.length} of ${sent} events: p50 ${ms(at(atHalf, 0.5))} ms, p99 ${ms(at(atHalf, 0.99))} ms.`,
    '',
    '| busy tenant | its webhooks /s | other tenant, p50 / p99 ms | the same while verifying | verify /s | p99 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    row('without endpoints', without),
    row(`with ${endpoints}`, withThem),
    '',
    `Ratios: verify ${ratio(({ perSecond }) => perSecond)}, p50 of the other tenant ${ratio(({ latencies }) => at(latencies, 0.5))}, p99 ${ratio(({ latencies }) => at(latencies, 0.99))}.`,
  ];
}

const started = new Started();
try {
  const lines = await measure(started);
  process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).stack}\n`);
  process.exitCode = 1;
} finally {
  await started.stop();
}
