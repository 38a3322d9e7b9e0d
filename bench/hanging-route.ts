import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Sealer } from '#persistence';
import { loadKeys } from '#runtime';
import { addCodes, addEvenly, addTenant } from './codes.ts';
import { openSystem, Started } from './system.ts';

/**
 * How long codes take while a share of the provider's requests hang: `node bench/hanging-route.ts`. bench/README.md says more.
 */
const { values } = parseArgs({
  options: {
    /** In all, and a second. */
    codes: { type: 'string', default: '3000' },
    rate: { type: 'string', default: '60' },
    /** Of the requests, from 0 to 1. */
    hanging: { type: 'string', default: '0.2' },
    /** Until an answer, in ms. */
    provider: { type: 'string', default: '100' },
  },
});
const codes = Number(values.codes);
const rate = Number(values.rate);
const providerMs = Number(values.provider);

const say = (line: string) => process.stderr.write(`${line}\n`);

interface Fared {
  readonly first: boolean;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly sent: number;
  readonly open: number;
}

/** One run, on a provider of its own. */
async function measure(started: Started, hanging: number): Promise<string[]> {
  const before = loadavg()[0] ?? 0;
  const system = await openSystem(started, [], say);
  const { sql } = system;
  const sealer = new Sealer(loadKeys(['sealing'], { SALLYPORT_KEYS: system.keyFile }).sealing);
  const tenant = await addTenant(system, 'Bench');
  const provider = await system.provider(providerMs, hanging);
  await system.start('relay');
  await system.start('sms-worker', {
    VONAGE_API_KEY: provider.apiKey,
    VONAGE_API_SECRET: provider.apiSecret,
    VONAGE_API_HOST: provider.host,
    VONAGE_FROM: 'Bench',
  });
  await addCodes(system, sealer, tenant, 100);
  await sleep(8000);
  const { rows: since } = await sql.query<{ now: Date }>('select now()');
  say(`${codes} codes, ${rate} a second, ${hanging * 100} % of the requests hang …`);
  await addEvenly((count) => addCodes(system, sealer, tenant, count), rate, codes).done;
  // Longer than an attempt is waited for.
  await sleep(8000);
  const { rows } = await sql.query<Fared>(
    `select d.first, percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.99) within group (order by ms) as p99,
       max(ms) as most, count(ms)::int as sent, (count(*) - count(ms))::int as open
     from (
       select (select t.outcome = 'sent' from delivery_attempt t where t.delivery_id = d.id and t.number = 1) is true as first,
         extract(epoch from d.sent_at - d.created_at)::float8 * 1000 as ms
       from delivery d where d.tenant_id = $1 and d.created_at >= $2
     ) d group by d.first order by d.first desc`,
    [tenant.tenantId, since[0]?.now],
  );
  const ms = (value: number | null) => (value === null ? '' : Math.round(value).toLocaleString('en'));
  return rows.map(
    ({ first, p50, p99, most, sent, open }) =>
      `| ${hanging * 100} % | ${first ? 'answered at the first attempt' : 'left hanging'} | ${ms(p50)} | ${ms(p99)} | ${ms(most)} | ${sent} | ${open} | ${before.toFixed(1)}, ${(loadavg()[0] ?? 0).toFixed(1)} |`,
  );
}

const lines = [
  `${codes} codes, ${rate} a second, a provider that answers in ${providerMs} ms, one SMS worker.`,
  '',
  '| hanging | codes | p50 ms | p99 ms | most ms | sent | not yet | load before, after |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
];
for (const hanging of [0, Number(values.hanging)]) {
  const started = new Started();
  try {
    lines.push(...(await measure(started, hanging)));
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  } finally {
    await started.stop();
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
