import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './error.ts';
import { codeOf, exists } from './files.ts';

/** Ends what a crashed run left behind: its server may still run, with nobody to use it. */
export async function stopLeftover(dataDir: string): Promise<void> {
  const lock = await readServerLock(dataDir);
  if (!lock) return;
  if (!(await isServerOf(lock.pid, dataDir))) {
    // PostgreSQL refuses to start when the id in the file happens to be some other process of its user.
    await rm(join(dataDir, 'postmaster.pid'), { force: true });
    return;
  }
  try {
    process.kill(lock.pid, 'SIGINT');
    for (let waited = 0; waited < 30_000; waited += 50) {
      await delay(50);
      if (!(await isServerOf(lock.pid, dataDir))) return;
    }
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return;
  }
  throw new EmbeddedPostgresError(
    `A PostgreSQL of an earlier run (process ${lock.pid}) still uses ${dataDir} and does not stop. End it, then start again.`,
  );
}

/** Whether this process is a PostgreSQL on this folder: ids are used again after a restart of the machine. */
export async function isServerOf(pid: number, dataDir: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  try {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return commandLine.split('\0').includes(dataDir);
  } catch (error) {
    // No /proc here (macOS): the process lives, and its file names this folder.
    return codeOf(error) !== 'ENOENT' || !(await exists('/proc/self'));
  }
}

/** postmaster.pid: process id, folder, start time, port, socket folder, address, shared memory, state. */
export async function readServerLock(
  dataDir: string,
): Promise<{ pid: number; port: number; state: string } | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { pid, port: Number(lines[3]), state: (lines[7] ?? '').trim() };
}
