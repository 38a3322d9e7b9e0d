import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Sealer } from '#persistence';
import { loadKeys } from '#runtime';
import { addCodes, addEvenly, addTenant, type Tenant } from './codes.ts';
import { openSystem, Started, type System } from './system.ts';
import { say } from './say.ts';

/**
 * How long a tenant's codes take while another tenant floods the queue, and how many jobs stand in it:
 * `node bench/fairness.ts --codes 20000`. bench/README.md says more.
 */
const { values } = parseArgs({
  options: {
    /** Of the flood. */
    codes: { type: 'string', default: '100000' },
    /** At which they come, a second. */
    rate: { type: 'string', default: '1000' },
    /** Until the provider answers, in ms. */
    provider: { type: 'string', default: '0' },
    /** Messages that each worker has in hand at a time. */
    concurrency: { type: 'string' },
  },
});
const codes = Number(values.codes);
const rate = Number(values.rate);
const providerMs = Number(values.provider);
/** Codes of the tenant beside it, a second. */
const quietRate = 5;
const secondsAlone = 20;
const workers = 2;

/** Jobs in the queue, whatever their state, but for those that are over. */
async function jobsInQueue({ redis, sql }: System): Promise<number> {
  if (redis) {
    const count = (command: string, name: string) => redis.command(command, `{sallyport}:sms:${name}`);
    const counts = [
      count('zcard', 'prioritized'),
      count('zcard', 'delayed'),
      count('llen', 'wait'),
      count('llen', 'active'),
    ];
    return (await Promise.all(counts)).reduce<number>((sum, each) => sum + Number(each), 0);
  }
  const { rows } = await sql.query<{ n: number }>(
    `select count(*)::int as n from sallyport_queue.job where queue = 'sms' and state not in ('completed', 'failed')`,
  );
  return rows[0]?.n ?? 0;
}

async function measure(started: Started): Promise<string[]> {
  const load = () =>
    loadavg()
      .map((each) => each.toFixed(1))
      .join(', ');
  const loadBefore = load();
  const system = await openSystem(started, [], say);
  const { sql } = system;
  const sealer = new Sealer(loadKeys(['sealing'], { SALLYPORT_KEYS: system.keyFile }).sealing);
  const [loud, quiet] = [await addTenant(system, 'Loud'), await addTenant(system, 'Quiet')];
  const provider = await system.provider(providerMs);
  await system.start('relay');
  for (let count = 0; count < workers; count += 1) {
    await system.start('sms-worker', {
      VONAGE_API_KEY: provider.apiKey,
      VONAGE_API_SECRET: provider.apiSecret,
      VONAGE_API_HOST: provider.host,
      VONAGE_FROM: 'Bench',
      ...(values.concurrency !== undefined && { SMS_CONCURRENCY: values.concurrency }),
    });
  }

  const open = async ({ tenantId }: Tenant): Promise<number> => {
    const { rows } = await sql.query<{ n: number }>(
      `select count(*)::int as n from delivery where tenant_id = $1 and status in ('queued', 'sending')`,
      [tenantId],
    );
    return rows[0]?.n ?? 0;
  };
  /** How the codes of a tenant fared that were made since a time of the database. */
  const fared = async ({ tenantId }: Tenant, since: Date) => {
    const { rows } = await sql.query<{ p50: number; p99: number; all: number; sent: number; expired: number }>(
      `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.99) within group (order by ms) as p99,
         count(*)::int as all, count(ms)::int as sent, count(*) filter (where status = 'expired')::int as expired
       from (select status, extract(epoch from sent_at - created_at)::float8 * 1000 as ms
             from delivery where tenant_id = $1 and created_at >= $2) d`,
      [tenantId, since],
    );
    return rows[0] as (typeof rows)[0];
  };
  const ms = (value: number) => Math.round(value).toLocaleString('en');
  const now = async () => (await sql.query<{ now: Date }>('select now()')).rows[0]?.now ?? new Date();
  const settled = async () => {
    while ((await open(quiet)) > 0) await sleep(50);
  };
  const addQuiet = () => addEvenly((count) => addCodes(system, sealer, quiet, count), quietRate, Infinity);

  say('Warming up …');
  await addCodes(system, sealer, quiet, 200);
  await settled();
  say('The quiet tenant alone …');
  const aloneFrom = await now();
  const alone = addQuiet();
  await sleep(secondsAlone * 1000);
  await alone.stop();
  await settled();
  const withoutFlood = await fared(quiet, aloneFrom);

  say(`A flood of ${codes} …`);
  const floodFrom = await now();
  const flood = addEvenly((count) => addCodes(system, sealer, loud, count), rate, codes);
  let flooding = true;
  void flood.done.finally(() => (flooding = false));
  const beside = addQuiet();
  let mostJobs = 0;
  let mostRatio = 0;
  let since = floodFrom;
  for (let turn = 0; ; turn += 1) {
    await sleep(1000);
    const jobs = await jobsInQueue(system);
    const waiting = (await open(loud)) + (await open(quiet));
    mostJobs = Math.max(mostJobs, jobs);
    // With few, those that just end weigh too much.
    if (waiting > codes / 100) mostRatio = Math.max(mostRatio, jobs / waiting);
    if (turn % 10 === 9) {
      const { p50, p99 } = await fared(quiet, since);
      say(`${jobs} jobs for ${waiting} deliveries; the quiet tenant's p50 ${ms(p50)} ms, p99 ${ms(p99)} ms`);
      since = await now();
    }
    if (!flooding && waiting < codes / 100) break;
  }
  await flood.done;
  await beside.stop();
  await settled();
  const withFlood = await fared(quiet, floodFrom);
  const ofLoud = await fared(loud, floodFrom);
  const row = (what: string, { p50, p99, all, sent }: typeof withFlood) =>
    `| ${what} | ${ms(p50)} | ${ms(p99)} | ${all - sent} of ${all} |`;
  return [
    `Queue in ${system.redis ? 'Redis' : 'PostgreSQL'}, ${workers} SMS workers, ${values.concurrency ?? 'their usual number of'} messages in hand each, a provider that answers after ${providerMs} ms. Load average before ${loadBefore}, after ${load()}.`,
    `A flood of ${codes.toLocaleString('en')} codes, ${rate} a second; ${quietRate} a second of another tenant.`,
    '',
    '| codes of the other tenant | p50 ms | p99 ms | not sent |',
    '| --- | ---: | ---: | ---: |',
    row('alone', withoutFlood),
    row('beside the flood', withFlood),
    '',
    `Ratios: p50 ${(withFlood.p50 / withoutFlood.p50).toFixed(2)}, p99 ${(withFlood.p99 / withoutFlood.p99).toFixed(2)}.`,
    `Of the flood: p50 ${ms(ofLoud.p50)} ms, ${ofLoud.expired} of ${ofLoud.all} expired.`,
    `Jobs in the queue: ${mostJobs.toLocaleString('en')} at most, never more than ${mostRatio.toFixed(2)} for each delivery that waits.`,
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
