import { cpus } from 'node:os';

/** µs of CPU that something has used up to now. */
export type Used = () => Promise<number>;

/** How full the machine is, and of whom: in percent of all of its processors, from now until it is asked. */
export async function watchShares(
  groups: Readonly<Record<string, Used>>,
): Promise<() => Promise<ReadonlyMap<string, number>>> {
  const before = await look(groups);
  return async () => {
    const after = await look(groups);
    const since = (name: string) => ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / 1000;
    const all = since(everything);
    const shares = new Map(Object.keys(groups).map((name) => [name, (100 * since(name)) / all]));
    const idle = (100 * since(nothing)) / all;
    const known = [...shares.values()].reduce((sum, share) => sum + share, idle);
    return shares.set('load, receiver and the system', 100 - known).set('idle', idle);
  };
}

const [everything, nothing] = ['everything', 'nothing'];

async function look(groups: Readonly<Record<string, Used>>): Promise<ReadonlyMap<string, number>> {
  const used = await Promise.all(Object.entries(groups).map(async ([name, of]) => [name, await of()] as const));
  const times = cpus().map((each) => each.times);
  const idle = times.reduce((sum, { idle: own }) => sum + own, 0) * 1000;
  const all = times.reduce((sum, { user, nice, sys, idle: own, irq }) => sum + user + nice + sys + own + irq, 0) * 1000;
  return new Map([...used, [everything, all], [nothing, idle]]);
}
