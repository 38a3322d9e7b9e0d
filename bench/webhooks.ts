import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#contracts';
import { createTenant, Database, Sealer } from '#persistence';
import { loadKeys } from '#runtime';
import { cpuOf, cpuOfFamily } from './cpu-time.ts';
import { openFloor } from './floor.ts';
import { openScenarios } from './scenarios/index.ts';
import { seed } from './seed.ts';
import { openSystem, Started, type Program, type System } from './system.ts';

/**
 * How soon a webhook is there, what it costs, and whom 20 endpoints of a busy tenant slow down: `node bench/webhooks.ts`, or the
 * costs alone with `--cost`. bench/README.md says more.
 */
const seconds = 6;
const warmUp = 100;
/** Events of which the rate of the whole way is measured. */
const pile = 500;
const endpoints = 20;
/** Webhooks of which the CPU time is measured. */
const costed = 4000;
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

/** In one transaction. */
async function occur({ sql }: System, tenantId: string, count = 1): Promise<void> {
  await sql.query({
    name: 'occur',
    text: `insert into event (id, tenant_id, type, account_id, user_id, request_id, data) select
      id, $2, 'challenge.approved', 'account', 'user', 'req_bench',
      '{"amr": ["otp"], "method": "totp", "purpose": "login", "deviceId": "dev_bench", "challengeId": "chl_bench"}'
      from unnest($1::text[]) id`,
    values: [Array.from({ length: count }, () => newId('event')), tenantId],
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

interface Cost {
  readonly perSecond: number;
  /** µs of CPU for each webhook: of each process, and of PostgreSQL. */
  readonly us: Readonly<Record<string, number>>;
}

/** Events that come all at once, each to as many endpoints as its tenant has. */
async function costOf(system: System, programs: Programs, tenantId: string, events: number): Promise<Cost> {
  const { sql } = system;
  const count = async (of: string) =>
    Number((await sql.query<{ count: string }>(`select count(*) from ${of}`)).rows[0]?.count);
  const untilNone = async (of: string) => {
    for (const until = performance.now() + 120_000; (await count(of)) > 0; await sleep(50))
      if (performance.now() > until) throw new Error(`There is no end of ${of}.`);
  };
  const times = async () => ({
    ...Object.fromEntries(
      await Promise.all(Object.entries(programs).map(async ([name, { pid }]) => [name, await cpuOf(pid)] as const)),
    ),
    database: await cpuOfFamily(system.databasePid),
  });
  await untilNone(`webhook_delivery where status = 'queued'`);
  const before: Readonly<Record<string, number>> = await times();
  const made = await count('webhook_delivery');
  const start = performance.now();
  await occur(system, tenantId, events);
  const sealed = `event e where e.type = 'challenge.approved' and not exists (select from audit_entry n where n.event_id = e.id)`;
  await untilNone(sealed);
  await untilNone(`webhook_delivery where status = 'queued'`);
  const took = (performance.now() - start) / 1000;
  const webhooks = (await count('webhook_delivery')) - made;
  const us = Object.entries(await times()).map(
    ([name, after]) => [name, (after - (before[name] ?? 0)) / webhooks] as const,
  );
  return { perSecond: webhooks / took, us: Object.fromEntries(us) };
}

async function measureCosts(system: System, programs: Programs, one: string, many: string): Promise<string[]> {
  const costs: [number, Cost][] = [
    [1, await costOf(system, programs, one, costed / 4)],
    [endpoints, await costOf(system, programs, many, costed / endpoints)],
  ];
  const names = Object.keys(costs[0]?.[1].us ?? {});
  return [
    '',
    `CPU µs for each webhook, of events that come all at once:`,
    '',
    `| endpoints | webhooks /s | ${names.join(' | ')} | all |`,
    `| ---: | ---: |${names.map(() => ' ---: |').join('')} ---: |`,
    ...costs.map(([of, { perSecond, us }]) => {
      const all = Object.values(us).reduce((sum, each) => sum + each);
      return `| ${[of, perSecond, ...names.map((name) => us[name] ?? 0), all].map(Math.round).join(' | ')} |`;
    }),
  ];
}

type Programs = Readonly<Record<string, Program>>;

async function startSystem(started: Started) {
  const system = await openSystem(started, [], say);
  const database = Database.open({ url: system.databaseUrl, poolSize: 1, onError: () => undefined });
  const [busy, other, many] = await Promise.all(
    ['Busy', 'Other', 'Many'].map(async (name) => (await createTenant(database, { name })).tenantId),
  );
  await database.close();
  return { system, busy: busy ?? '', other: other ?? '', many: many ?? '' };
}

async function measure(started: Started, costsOnly: boolean): Promise<string[]> {
  const load = loadavg().map((each) => each.toFixed(1));
  const { system, busy, other, many } = await startSystem(started);
  const sealer = new Sealer(loadKeys(['webhook'], { SALLYPORT_KEYS: system.keyFile }).webhook);
  const receiver = await startReceiver(started);
  await addEndpoint(system, sealer, other, `${receiver.url}/other`);
  for (let number = 1; number <= endpoints; number += 1)
    await addEndpoint(system, sealer, many, `${receiver.url}/many-${number}`);
  const programs = {
    'webhook-worker': await system.start('webhook-worker', { WEBHOOK_ALLOW_PRIVATE: '127.0.0.1/32' }),
    relay: await system.start('relay'),
    'audit-worker': await system.start('audit-worker'),
  };

  /** Whatever waits for an endpoint has come there. */
  const arrived = async (count: number) => {
    const all: number[] = [];
    for (const until = performance.now() + 60_000; all.length < count && performance.now() < until; await sleep(20))
      all.push(...((await receiver.taken())['/other'] ?? []));
    return all;
  };
  await occur(system, other, warmUp);
  await arrived(warmUp);
  say('What each costs …');
  const costs = await measureCosts(system, programs, other, many);
  await receiver.taken();
  if (costsOnly) return [`Load average before the start ${load.join(', ')}.`, ...costs];
  say('The rate of the whole way …');
  const start = performance.now();
  await occur(system, other, pile);
  await arrived(pile);
  const rate = pile / ((performance.now() - start) / 1000);
  say(`${Math.round(rate)}/s; half of it …`);
  const stop = occurEvenly(system, other, rate / 2);
  await sleep(seconds * 1000);
  const sent = await stop();
  const atHalf = await arrived(sent);

  const users = 12_000;
  const seeded = await seed(system, users);
  const floor = await openFloor(system, users, 32);
  const options = {
    only: ['verify', 'half-load'],
    rounds: 1,
    seconds,
    connections: 32,
    users,
    cpuProfile: null,
  } as const;
  const none = { rows: { relay: 0, sms: 0, sealing: 0 }, filled: { devices: 0, events: 0 } };
  const bench = await openScenarios(system, seeded, floor, { ...options, ...none });
  const { verify, 'half-load': atHalfLoad } = Object.fromEntries(bench.scenarios);
  if (!verify || !atHalfLoad) throw new Error('There is no scenario for verifications.');
  await verify.prepare();
  await verify.measure();
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
    await atHalfLoad.prepare();
    const alone = await meanwhile(() => sleep(seconds * 1000));
    await atHalfLoad.prepare();
    const { done, latencies: besideVerify } = await meanwhile(() => atHalfLoad.measure());
    const { perSecond, p50Ms, p99Ms } = done;
    return { ...alone, perSecond: Number(perSecond), p50Ms: Number(p50Ms), p99Ms: Number(p99Ms), besideVerify };
  };
  say('Verifications …');
  const without = await beside();
  for (let number = 1; number <= endpoints; number += 1)
    await addEndpoint(system, sealer, busy, `${receiver.url}/busy-${number}`);
  const withThem = await beside();

  const ms = (value: number) => Math.round(value).toLocaleString('en');
  const percentiles = (list: readonly number[]) => `${ms(at(list, 0.5))} / ${ms(at(list, 0.99))}`;
  const row = (what: string, { perSecond, p50Ms, p99Ms, latencies, ofBusy, besideVerify }: typeof without) =>
    `| ${what} | ${Math.round(ofBusy / seconds)} | ${percentiles(latencies)} | ${percentiles(besideVerify)} | ${Math.round(perSecond)} | ${p50Ms.toFixed(1)} / ${ms(p99Ms)} |`;
  const ratio = (of: (found: typeof without) => number) => (of(withThem) / of(without)).toFixed(2);
  return [
    `Load average before the start ${load.join(', ')}.`,
    `One endpoint, one worker, ${pile} events at once: ${Math.round(rate)} a second from the commit to the receiver.`,
    `At half of that, ${atHalf.length} of ${sent} events: p50 ${ms(at(atHalf, 0.5))} ms, p99 ${ms(at(atHalf, 0.99))} ms.`,
    '',
    '| busy tenant | its webhooks /s | other tenant, p50 / p99 ms | the same beside verifications at half load | verify /s | p50 / p99 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    row('without endpoints', without),
    row(`with ${endpoints}`, withThem),
    '',
    `Ratios: verifications answered ${ratio(({ perSecond }) => perSecond)}, their p50 ${ratio(({ p50Ms }) => p50Ms)}, p50 of the other tenant ${ratio(({ latencies }) => at(latencies, 0.5))}, p99 ${ratio(({ latencies }) => at(latencies, 0.99))}.`,
    ...costs,
  ];
}

const started = new Started();
try {
  const lines = await measure(started, process.argv.includes('--cost'));
  process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).stack}\n`);
  process.exitCode = 1;
} finally {
  await started.stop();
}
