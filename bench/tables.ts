import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, scenarioNames } from './catalogue.ts';
import { openFloor } from './floor.ts';
import { openScenarios } from './scenarios/index.ts';
import { seed } from './seed.ts';
import { openSystem, Started, type System } from './system.ts';

/**
 * What the scenarios do to the tables: `node bench/tables.ts [seconds] [scenarios]`. Updates that leave all indexes alone (HOT), bytes that a call
 * leaves, and indexes that nothing read. bench/README.md says more.
 */
const seconds = Number(process.argv[2] ?? 3);
const asked = process.argv.slice(3);
const connections = 32;
/** A connection that is idle tells its figures after ten seconds. */
const tellMs = 11_000;
const usual = scenarioNames.filter(
  (name) => ['core', 'calls'].includes(catalogue[name].group) && name !== 'half-load' && name !== 'mix',
);
const names = asked.length === 0 ? usual : usual.filter((name) => asked.includes(name));

const say = (line: string) => process.stderr.write(`${line}\n`);

interface Updates {
  readonly table: string;
  readonly updated: number;
  readonly hot: number;
  readonly inserted: number;
}

/** What keeps the rows that a login adds; others are swept when their time is over. */
const growing = 'challenge, delivery, delivery_attempt, event, audit_entry, audit_node';

/** Bytes of each of these tables and its indexes without any room between rows: what is lasting of a growth. */
async function packedBytes({ sql }: System): Promise<ReadonlyMap<string, number>> {
  await sql.query(`vacuum full ${growing}`);
  const { rows } = await sql.query<{ name: string; n: string }>(
    `select name, pg_total_relation_size(name::regclass) as n from unnest(string_to_array($1, ', ')) as t(name)`,
    [growing],
  );
  return new Map(rows.map(({ name, n }) => [name, Number(n)]));
}

async function look({ sql }: System): Promise<Updates[]> {
  const { rows } = await sql.query<Updates>(
    `select relname as table, n_tup_upd::int as updated, n_tup_hot_upd::int as hot, n_tup_ins::int as inserted
     from pg_stat_user_tables where (n_tup_upd > 100 or n_tup_ins > 100) and relname not like 'floor%' order by relname`,
  );
  return rows;
}

/** Indexes that no scenario read, with what they took; those that see to it that something is unique have work without that. */
async function unread({ sql }: System): Promise<string[]> {
  const { rows } = await sql.query<{ name: string; mb: number }>(
    `select indexrelname as name, pg_relation_size(indexrelid) / 1e6 as mb
     from pg_stat_user_indexes join pg_index using (indexrelid)
     where idx_scan = 0 and not indisunique and relname not like 'floor%' order by 2 desc, 1`,
  );
  return rows.map(({ name, mb }) => `${name} (${Number(mb).toFixed(1)} MB)`);
}

async function measure(started: Started): Promise<string[]> {
  const system = await openSystem(started, [], say);
  const users = 4000 * seconds;
  say(`Filling the tables: ${users} users with an app, ${users} with SMS …`);
  const seeded = await seed(system, users);
  const floor = await openFloor(system, users, connections);
  const rows = { relay: 5000, sms: 2000, sealing: 10_000 };
  const options = { only: names, rounds: 1, seconds, connections, users, rows, cpuProfile: null };
  const bench = await openScenarios(system, seeded, floor, { ...options, filled: { devices: 0, events: 0 } });
  const lines = [
    '| scenario | units | table | bytes a unit | inserted | updated | of that HOT |',
    '| --- | ---: | --- | ---: | ---: | ---: | ---: |',
  ];
  const unreadAfter: string[][] = [];
  for (const name of names) {
    const scenario = bench.scenarios.get(name);
    if (!scenario) continue;
    await scenario.prepare();
    const before = await packedBytes(system);
    await sleep(tellMs);
    await system.sql.query('select pg_stat_reset()');
    const { perSecond } = await scenario.measure();
    say(`${name}: ${Math.round(perSecond ?? 0)}/s`);
    await sleep(tellMs);
    const tables = await look(system);
    const after = await packedBytes(system);
    // Each has its row in every table that it touches, and in some of them more.
    const units = Math.min(...tables.map(({ inserted, updated }) => Math.max(inserted, updated)));
    const grown = (table: string) => {
      const bytes = (after.get(table) ?? Number.NaN) - (before.get(table) ?? Number.NaN);
      return Number.isNaN(bytes) ? '–' : (bytes / units).toFixed(0);
    };
    for (const { table, inserted, updated, hot } of tables) {
      const share = updated === 0 ? '–' : `${((hot / updated) * 100).toFixed(1)} %`;
      lines.push(`| ${name} | ${units} | ${table} | ${grown(table)} | ${inserted} | ${updated} | ${share} |`);
    }
    unreadAfter.push(await unread(system));
  }
  const [first = [], ...others] = unreadAfter;
  const bare = (each: string) => each.split(' ')[0] ?? '';
  const never = first.filter((each) => others.every((list) => list.some((other) => bare(other) === bare(each))));
  return [...lines, '', `Indexes that none of them read: ${never.join(', ')}.`];
}

const started = new Started();
try {
  const lines = await measure(started);
  process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await started.stop();
}
