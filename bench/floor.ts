import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FloorJob, FloorResult } from './floor-loop.ts';
import type { System } from './system.ts';

/**
 * What PostgreSQL can do at most for a check that remembers the step and writes an event: one statement, one commit.
 * The event is a row like ours, with the same indexes and an id that sorts by time.
 */
const moveStep = (device: string, step: string) => `
  with moved as (
    update floor_device set last_used_step = last_used_step + 1 where id = ${device} and last_used_step < ${step}
    returning id
  )
  insert into floor_event (id, tenant_id, type, data)
  select 'evt_' || uuidv7(), 'tnt_floor', 'challenge.approved', jsonb_build_object('deviceId', id) from moved`;

export interface Floor {
  readonly by: 'pgbench' | 'node-postgres';
  prepare(): Promise<void>;
  measure(seconds: number): Promise<FloorResult>;
}

export async function openFloor(system: System, devices: number, connections: number): Promise<Floor> {
  const { sql } = system;
  await sql.query(`
    create table floor_device (id int primary key, last_used_step bigint not null);
    create table floor_event (like event including all)`);
  await sql.query(`insert into floor_device select n, 0 from generate_series(1, $1::int) as n`, [devices]);
  const prepare = async () => {
    await sql.query('truncate floor_event');
    await sql.query('vacuum (analyze) floor_device');
  };
  const job = { url: system.databaseUrl, devices, connections };
  if (spawnSync('pgbench', ['--version']).status === 0) {
    return { by: 'pgbench', prepare, measure: (seconds) => byPgbench(system, { ...job, seconds }) };
  }
  const text = moveStep('$1', '$2');
  return {
    by: 'node-postgres',
    prepare,
    measure: (seconds) => system.inProcess<FloorJob, FloorResult>('floor-loop.ts', { ...job, text, seconds }),
  };
}

async function byPgbench(system: System, job: Omit<FloorJob, 'text'>): Promise<FloorResult> {
  const { hostname, port, username, password, pathname } = new URL(job.url);
  const script = join(system.folder, 'floor.sql');
  const lines = [`\\set device random(1, ${job.devices})`, '\\set step 1000000000', moveStep(':device', ':step')];
  await writeFile(script, `${lines.join('\n')};\n`);
  const threads = Math.min(2, job.connections);
  const where = [`--host=${hostname}`, `--port=${port}`, `--username=${username}`];
  const how = ['--no-vacuum', '--protocol=prepared', `--client=${job.connections}`, `--jobs=${threads}`];
  // Latencies one by one, of every fifth: the summary knows only their mean.
  const log = ['--log', `--log-prefix=${join(system.folder, 'floor')}`, '--sampling-rate=0.2'];
  const words = await system.run(
    'pgbench',
    [...where, ...how, ...log, `--time=${job.seconds}`, `--file=${script}`, pathname.slice(1)],
    { PGPASSWORD: decodeURIComponent(password) },
  );
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(words)?.[1]);
  if (!(perSecond > 0))
    throw new Error(`pgbench got nothing done in ${job.seconds} s: is the machine this busy? It says: ${words}`);
  const latencies: number[] = [];
  for (const name of await readdir(system.folder)) {
    if (!/^floor\.\d+/.test(name)) continue;
    const path = join(system.folder, name);
    // client, transaction, time in µs, …
    for (const line of (await readFile(path, 'utf8')).split('\n')) {
      if (line !== '') latencies.push(Number(line.split(' ')[2]) / 1000);
    }
    await rm(path);
  }
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}
