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
import { watchShares } from './shares.ts';
import { openSystem, Started, type Program, type System } from './system.ts';
import { say } from './say.ts';
import { endpoints, fill, measureCosts, occur, usedBy } from './webhook-costs.ts';

/**
 * How soon a webhook is there, what it costs, and whom 20 endpoints of a busy tenant slow down: `node bench/webhooks.ts`, or the
 * costs alone with `--cost`. bench/README.md says more.
 */
const seconds = 6;
const warmUp = 100;
/** Events of which the rate of the whole way is measured. */
const pile = 500;
/** Events a second: of the tenant with many endpoints (besides half of what its webhooks reach), and of the one beside it. */
const busyRate = 20;
const otherRate = 10;

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
  say('Filling the tables …');
  await fill(system, busy);
  await occur(system, other, warmUp);
  await arrived(warmUp);
  say('What each costs …');
  const costs = await measureCosts(system, programs, other, many);
  await receiver.taken();
  if (costsOnly) return [`Load average before the start ${load.join(', ')}.`, ...costs.lines];
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
  let gateway: Program | undefined;
  const noted: System['start'] = async (name, env) => {
    const program = await system.start(name, env);
    if (name === 'gateway') gateway = program;
    return program;
  };
  const bench = await openScenarios({ ...system, start: noted }, seeded, floor, { ...options, ...none });
  const { verify, 'half-load': atHalfLoad } = Object.fromEntries(bench.scenarios);
  if (!verify || !atHalfLoad) throw new Error('There is no scenario for verifications.');
  await verify.prepare();
  await verify.measure();
  /** Both tenants go on while something is done. @returns what came to the other one, and how much to the busy one */
  const meanwhile = async <T>(eventsPerSecond: number, work: () => Promise<T>) => {
    await receiver.taken();
    const stops = [occurEvenly(system, busy, eventsPerSecond), occurEvenly(system, other, otherRate)];
    const shares = await watchShares(usedBy(system, gateway ? { gateway, ...programs } : programs));
    const done = await work();
    const full = await shares();
    const [, count = 0] = await Promise.all(stops.map((end) => end()));
    const { '/other': early = [], ...ofBusy } = await receiver.taken();
    const latencies = [...early, ...(await arrived(count - early.length))];
    return { done, latencies, full, ofBusy: Object.values(ofBusy).flat().length };
  };
  const beside = async (eventsPerSecond: number) => {
    await atHalfLoad.prepare();
    const alone = await meanwhile(eventsPerSecond, () => sleep(seconds * 1000));
    await atHalfLoad.prepare();
    const { done, latencies: besideVerify, full } = await meanwhile(eventsPerSecond, () => atHalfLoad.measure());
    const { perSecond, p50Ms, p99Ms } = done;
    return { ...alone, perSecond: Number(perSecond), p50Ms: Number(p50Ms), p99Ms: Number(p99Ms), besideVerify, full };
  };
  say('Verifications …');
  const without = await beside(busyRate);
  for (let number = 1; number <= endpoints; number += 1)
    await addEndpoint(system, sealer, busy, `${receiver.url}/busy-${number}`);
  const halfRate = costs.perSecond / 2 / endpoints;
  const found = {
    'without endpoints': without,
    [`with ${endpoints}, at half of ${Math.round(costs.perSecond)}/s`]: await beside(halfRate),
    [`with ${endpoints}, ${busyRate} events/s`]: await beside(busyRate),
  };

  const ms = (value: number) => Math.round(value).toLocaleString('en');
  const percentiles = (list: readonly number[]) => `${ms(at(list, 0.5))} / ${ms(at(list, 0.99))}`;
  const ratio = (of: (one: typeof without) => number) => (one: typeof without) => (of(one) / of(without)).toFixed(2);
  const ratios = [
    ratio(({ perSecond }) => perSecond),
    ratio(({ p50Ms }) => p50Ms),
    ratio(({ latencies }) => at(latencies, 0.5)),
    ratio(({ besideVerify }) => at(besideVerify, 0.5)),
  ];
  const groups = [...without.full.keys()];
  const each = (line: (what: string, one: typeof without) => string) =>
    Object.entries(found).map(([what, one]) => line(what, one));
  return [
    `Load average before the start ${load.join(', ')}.`,
    `One endpoint, one worker, ${pile} events at once: ${Math.round(rate)} a second from the commit to the receiver.`,
    `At half of that, ${atHalf.length} of ${sent} events: p50 ${ms(at(atHalf, 0.5))} ms, p99 ${ms(at(atHalf, 0.99))} ms.`,
    '',
    '| busy tenant | its webhooks /s | other tenant, p50 / p99 ms | the same beside verifications at half load | verify /s | p50 / p99 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...each(
      (what, { perSecond, p50Ms, p99Ms, latencies, ofBusy, besideVerify }) =>
        `| ${what} | ${Math.round(ofBusy / seconds)} | ${percentiles(latencies)} | ${percentiles(besideVerify)} | ${Math.round(perSecond)} | ${p50Ms.toFixed(1)} / ${ms(p99Ms)} |`,
    ),
    '',
    'To the first row:',
    '',
    '| busy tenant | verifications answered | their p50 | p50 of the other tenant | the same beside verifications |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...each((what, one) => `| ${what} | ${ratios.map((of) => of(one)).join(' | ')} |`),
    '',
    'Percent of the machine beside verifications:',
    '',
    `| busy tenant | ${groups.join(' | ')} |`,
    `| --- |${groups.map(() => ' ---: |').join('')}`,
    ...each((what, { full }) => `| ${what} | ${groups.map((name) => Math.round(full.get(name) ?? 0)).join(' | ')} |`),
    ...costs.lines,
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
