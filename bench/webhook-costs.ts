import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '#contracts';
import { cpuOf, cpuOfFamily } from './cpu-time.ts';
import type { Used } from './shares.ts';
import type { Program, System } from './system.ts';

/** What a webhook costs of each process. */

/** Of the tenant with many. */
export const endpoints = 20;
/** Webhooks of which the CPU time is measured. */
const costed = 4000;
/** Webhooks that have gone before, so that PostgreSQL plans for tables as they are after a while and not for empty ones. */
const earlier = 20_000;

type Programs = Readonly<Record<string, Program>>;

/** In one transaction. */
export async function occur({ sql }: System, tenantId: string, count = 1): Promise<void> {
  await sql.query({
    name: 'occur',
    text: `insert into event (id, tenant_id, type, account_id, user_id, request_id, data) select
      id, $2, 'challenge.approved', 'account', 'user', 'req_bench',
      '{"amr": ["otp"], "method": "totp", "purpose": "login", "deviceId": "dev_bench", "challengeId": "chl_bench"}'
      from unnest($1::text[]) id`,
    values: [Array.from({ length: count }, () => newId('event')), tenantId],
  });
}

interface Cost {
  readonly perSecond: number;
  /** µs of CPU for each webhook: of each process, and of PostgreSQL. */
  readonly us: Readonly<Record<string, number>>;
}

/** Events after one, which are not in the log yet. */
const unsealedAfter = (id: string) =>
  `event e where e.id > '${id}' and e.type = 'challenge.approved' and not exists (select from audit_entry n where n.event_id = e.id)`;

async function lastEvent(sql: System['sql']): Promise<string> {
  return (await sql.query<{ id: string }>(`select coalesce(max(id), '') as id from event`)).rows[0]?.id ?? '';
}

async function countOf(sql: System['sql'], of: string): Promise<number> {
  return Number((await sql.query<{ count: string }>(`select count(*) from ${of}`)).rows[0]?.count);
}

async function untilNoneOf(sql: System['sql'], of: string): Promise<void> {
  for (const until = performance.now() + 120_000; (await countOf(sql, of)) > 0; await sleep(50))
    if (performance.now() > until) throw new Error(`There is no end of ${of}.`);
}

/** Events that come all at once, each to as many endpoints as its tenant has. */
async function costOf(system: System, programs: Programs, tenantId: string, events: number): Promise<Cost> {
  const { sql } = system;
  const count = (of: string) => countOf(sql, of);
  const untilNone = (of: string) => untilNoneOf(sql, of);
  const groups = Object.entries(usedBy(system, programs));
  const times = async () =>
    Object.fromEntries(await Promise.all(groups.map(async ([name, used]) => [name, await used()] as const)));
  await untilNone(`webhook_delivery where status = 'queued'`);
  const before: Readonly<Record<string, number>> = await times();
  const made = await count('webhook_delivery');
  const last = await lastEvent(sql);
  const start = performance.now();
  await occur(system, tenantId, events);
  await untilNone(unsealedAfter(last));
  await untilNone(`webhook_delivery where status = 'queued'`);
  const took = (performance.now() - start) / 1000;
  const webhooks = (await count('webhook_delivery')) - made;
  const us = Object.entries(await times()).map(
    ([name, after]) => [name, (after - (before[name] ?? 0)) / webhooks] as const,
  );
  return { perSecond: webhooks / took, us: Object.fromEntries(us) };
}

/** CPU time of each program, of PostgreSQL and of the queue. */
export function usedBy({ databasePid, redis }: System, programs: Programs): Record<string, Used> {
  const ofPrograms = Object.entries(programs).map(([name, { pid }]) => [name, () => cpuOf(pid)] as const);
  return {
    ...Object.fromEntries(ofPrograms),
    database: () => cpuOfFamily(databasePid),
    ...(redis && {
      redis: async () => {
        const told = String(await redis.command('info', 'cpu'));
        return [...told.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].reduce((sum, [, s]) => sum + Number(s) * 1e6, 0);
      },
    }),
  };
}

export async function measureCosts(system: System, programs: Programs, one: string, many: string) {
  const costs: [number, Cost][] = [
    [1, await costOf(system, programs, one, costed / 4)],
    [endpoints, await costOf(system, programs, many, costed / endpoints)],
  ];
  const names = Object.keys(costs[0]?.[1].us ?? {});
  const lines = [
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
  return { lines, perSecond: costs[1]?.[1].perSecond ?? Number.NaN };
}

/** What has gone before: most rows of the tables are of webhooks that have arrived. */
export async function fill(system: System, tenantId: string): Promise<void> {
  const { sql } = system;
  await sql.query(
    `insert into webhook_delivery (id, tenant_id, webhook_id, event_id, status, attempts, fence, ended_at)
     select 'whd_old' || n, $1, 'whk_old', 'evt_old' || n, 'delivered', 1, 1, now() from generate_series(1, $2::int) n`,
    [tenantId, earlier],
  );
  await sql.query(
    `insert into webhook_attempt (delivery_id, number, ended_at, http_status, duration_ms)
     select id, 1, now(), 204, 10 from webhook_delivery`,
  );
  await occur(system, tenantId, earlier);
  await untilNoneOf(sql, unsealedAfter(''));
  await sql.query('analyze');
}
