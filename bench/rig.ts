import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { cpuOf, cpuOfFamily, peakMemory } from './cpu-time.ts';
import type { LoadAnswer, LoadJob, LoadRequest, LoadResult } from './load.ts';
import type { BenchOptions } from './options.ts';
import type { Seeded } from './seed.ts';
import type { Program, ProgramName, System } from './system.ts';

/** What one measurement of a scenario found. Times of CPU are µs per request, or per row. */
export interface Measurement {
  /** Null where it is about a time alone. */
  readonly perSecond: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Of the processes of ours that are measured; null where they are none. */
  readonly nodeUs: number | null;
  /** Of all PostgreSQL processes together. */
  readonly databaseUs: number | null;
}

export interface Scenario {
  /** Brings the tables to where each measurement of it begins. */
  prepare(): Promise<void>;
  measure(): Promise<Measurement>;
  /** Its requests, once it is prepared: their statements can be counted. */
  calls?(): Call;
}

export interface Call {
  readonly requests: readonly LoadRequest[];
  readonly repeat: boolean;
  readonly expect: LoadJob['expect'];
}

/** A database with users, and a gateway before it. */
export interface Site {
  readonly sql: pg.Client;
  readonly databaseUrl: string;
  readonly seeded: Seeded;
  readonly gateway: Program;
  /** Rows that were there before: they are left where a measurement's own are removed. */
  readonly filled: boolean;
}

const pollMs = 25;
const patienceMs = 120_000;
/** Calls or messages that warm a fresh process up. */
export const warmUp = 500;

/** What a measurement left behind; events stay, as they would. */
const leftovers = 'challenge, code, send_window, send_pace, delivery, delivery_attempt, outbox';
/** … among rows that were there before: those have ids of digits, and keys of 16 bytes. */
const leftAmongOthers = [
  `delete from challenge where id > 'chl_01'`,
  `delete from code where subject_id > 'chl_01'`,
  `delete from delivery where id > 'dlv_01'`,
  `delete from delivery_attempt where delivery_id > 'dlv_01'`,
  `delete from outbox where id > 'evt_01'`,
  'delete from send_window where octet_length(key) > 16',
  'delete from send_pace where octet_length(key) > 16',
];

/** What scenarios have in common: the site, the load, the clock and the CPU's time. */
export class Rig {
  readonly sql: pg.Client;
  readonly seeded: Seeded;
  readonly system: System;
  readonly site: Site;
  readonly options: BenchOptions;
  /** Largest resident memory so far in MB, by process. */
  readonly memory: Partial<Record<ProgramName, number>>;

  constructor(system: System, site: Site, options: BenchOptions, memory: Partial<Record<ProgramName, number>>) {
    this.system = system;
    this.site = site;
    this.sql = site.sql;
    this.seeded = site.seeded;
    this.options = options;
    this.memory = memory;
  }

  async number(text: string, values: unknown[] = []): Promise<number> {
    const found = await this.sql.query<{ n: string }>(`select (${text})::float8 as n`, values);
    return Number(found.rows[0]?.n);
  }

  async until(what: string, done: () => Promise<boolean>): Promise<void> {
    for (let waited = 0; !(await done()); waited += pollMs) {
      if (waited > patienceMs) throw new Error(`Waited ${patienceMs / 1000} s in vain until ${what}.`);
      await sleep(pollMs);
    }
  }

  /** Runs what is measured, and shares its CPU time out among the units of work. */
  async measured(
    programs: readonly { readonly pid: number }[],
    work: () => Promise<{ units: number } & Omit<Measurement, 'nodeUs' | 'databaseUs'>>,
  ): Promise<Measurement> {
    const used = async () => ({
      node: (await Promise.all(programs.map(({ pid }) => cpuOf(pid)))).reduce((sum, us) => sum + us, 0),
      database: await cpuOfFamily(this.system.databasePid),
    });
    const before = await used();
    const { units, ...found } = await work();
    const after = await used();
    return {
      ...found,
      nodeUs: programs.length === 0 ? null : (after.node - before.node) / units,
      databaseUs: (after.database - before.database) / units,
    };
  }

  async noteMemory(name: ProgramName, { pid }: { readonly pid: number }): Promise<void> {
    this.memory[name] = Math.max(this.memory[name] ?? 0, await peakMemory(pid));
  }

  async load(call: Call, how: Partial<LoadJob> = {}): Promise<LoadResult> {
    const answer = await this.system.inProcess<LoadJob, LoadAnswer>('load.ts', {
      host: '127.0.0.1',
      ports: [this.site.gateway.port],
      authorization: `Bearer ${this.seeded.apiKey}`,
      connections: this.options.connections,
      seconds: this.options.seconds,
      rate: null,
      ...call,
      ...how,
    });
    if ('fault' in answer) throw new Error(answer.fault);
    return answer.result;
  }

  /** @param programs that answer, where it is not the gateway of the site */
  async loadMeasured(
    call: Call,
    how: Partial<LoadJob> = {},
    programs: readonly { readonly pid: number }[] = [this.site.gateway],
  ): Promise<Measurement> {
    // PostgreSQL plans a statement anew on the first executions of each connection: that is done before the clock starts.
    const first = call.requests.slice(0, warmUp);
    await this.load({ ...call, requests: first, repeat: false }, { ...how, rate: null });
    const rest = { ...call, requests: call.requests.slice(call.repeat ? 0 : warmUp) };
    return this.measured(programs, async () => {
      const { requests, seconds, p50Ms, p99Ms } = await this.load(rest, how);
      return { units: requests, perSecond: requests / seconds, p50Ms, p99Ms };
    });
  }

  /** A scenario of calls to the gateway. */
  calling(prepare: () => Promise<void>, calls: () => Call, how: () => Partial<LoadJob> = () => ({})): Scenario {
    const measure = async () => {
      const measurement = await this.loadMeasured(calls(), how());
      await this.noteMemory('gateway', this.site.gateway);
      return measurement;
    };
    return { prepare, measure, calls };
  }

  async clear(): Promise<void> {
    if (this.site.filled) for (const text of leftAmongOthers) await this.sql.query(text);
    else await this.sql.query(`truncate ${leftovers}`);
    await this.system.redis?.command('FLUSHALL');
  }

  /** Each measurement begins with written pages and swept tables, so that none pays for the one before. */
  async settle(): Promise<void> {
    await this.sql.query('vacuum (analyze) device');
    // Not those that are empty: PostgreSQL would take them for so, and read them whole as they fill.
    for (const table of leftovers.split(', ')) {
      const { rows } = await this.sql.query(`select from ${table} limit 1`);
      if (rows.length > 0) await this.sql.query(`vacuum (analyze) ${table}`);
    }
    await this.sql.query('checkpoint');
  }

  async clearAndSettle(): Promise<void> {
    await this.clear();
    await this.settle();
  }

  /**
   * Halts a process while its work is laid out, so that none of it is done before the clock starts. Never in the middle
   * of a transaction: it would hold its locks.
   */
  async pause(...programs: Program[]): Promise<void> {
    await this.until('it can be halted', async () => {
      for (const { pid } of programs) process.kill(pid, 'SIGSTOP');
      // What it had sent arrives.
      await sleep(10);
      const busy = await this.number(
        `select count(*) from pg_stat_activity where application_name = 'sallyport' and state <> 'idle'`,
      );
      if (busy > 0) this.goOn(...programs);
      return busy === 0;
    });
  }

  goOn(...programs: Program[]): void {
    for (const { pid } of programs) process.kill(pid, 'SIGCONT');
  }
}
