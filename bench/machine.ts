import { spawnSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { System } from './system.ts';

/** What was measured on, and how busy it was before. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string;
  /** Null where PostgreSQL is the queue. */
  readonly redis: string | null;
  readonly floorBy: string;
  /** Runnable processes over 1, 5, 15 minutes before the start: above some tenths, others were at work. */
  readonly loadAverage: readonly number[];
  /** Median time in which the disk takes 8 KB for good. Every commit waits for that. */
  readonly fsyncMs: number;
}

/** Taken before anything is started. */
export const loadAtStart: readonly number[] = loadavg();

export async function describeMachine(system: System, floorBy: string): Promise<Machine> {
  const { rows } = await system.sql.query<{ version: string }>(`select current_setting('server_version') as version`);
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: rows[0]?.version ?? 'unknown',
    redis: system.redis
      ? (/v=(\S+)/.exec(spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? 'unknown')
      : null,
    floorBy,
    loadAverage: loadAtStart.map((load) => Math.round(load * 100) / 100),
    fsyncMs: await measureFsync(system.folder),
  };
}

async function measureFsync(folder: string): Promise<number> {
  const path = join(folder, 'fsync');
  const file = await open(path, 'w');
  const page = Buffer.alloc(8192);
  const times: number[] = [];
  for (let write = 0; write < 50; write += 1) {
    const began = performance.now();
    await file.write(page);
    await file.datasync();
    times.push(performance.now() - began);
  }
  await file.close();
  await rm(path);
  return times.toSorted((a, b) => a - b)[25] ?? Number.NaN;
}
