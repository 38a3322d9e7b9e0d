import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks of /proc: USER_HZ is 100 on every Linux that Node runs on (man 5 proc). */
const tickUs = 10_000;

interface ProcessStat {
  readonly parent: number;
  /** µs of CPU, user and system. */
  readonly own: number;
  /** The same of children that have ended and were waited for. */
  readonly ended: number;
}

async function readStat(pid: number | string): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name, in brackets, may hold spaces and brackets: fields are counted from the last one. Field 3 comes first.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = (first: number) => ((fields[first - 3] ?? 0) + (fields[first - 2] ?? 0)) * tickUs;
  return { parent: fields[1] ?? 0, own: ticks(14), ended: ticks(16) };
}

/** µs of CPU that a process has used; NaN where there is no /proc. */
export async function cpuOf(pid: number): Promise<number> {
  return (await readStat(pid))?.own ?? Number.NaN;
}

/** µs of CPU that a process and all of its children have used, those included that have ended. */
export async function cpuOfFamily(pid: number): Promise<number> {
  const parent = await readStat(pid);
  if (!parent) return Number.NaN;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map(readStat));
  const children = all.filter((stat) => stat?.parent === pid).map((stat) => stat?.own ?? 0);
  return children.reduce((sum, own) => sum + own, parent.own + parent.ended);
}

/** Largest resident memory that a process has had, in MB; NaN where there is no /proc. */
export async function peakMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? Number.NaN) / 1024;
}
