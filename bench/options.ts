import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What can be measured, in the order of a round. */
export const scenarioNames = [
  'verify',
  'half-load',
  'decision',
  'challenge-sms',
  'relay',
  'sms-worker',
  'hand-over',
  'sealing',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface BenchOptions {
  readonly only: readonly ScenarioName[];
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  readonly connections: number;
  /** Users with two-factor authentication, of each kind: a request of a round has one to itself. */
  readonly users: number;
  /** Rows that relay, worker and sealer work off in one measurement. */
  readonly rows: { readonly relay: number; readonly sms: number; readonly sealing: number };
  /** Folder for a CPU profile of each process. */
  readonly cpuProfile: string | null;
}

/** Whose rates a scenario goes by: they are measured with it. */
const bases: Readonly<Partial<Record<ScenarioName, readonly ScenarioName[]>>> = {
  'half-load': ['verify'],
  'hand-over': ['challenge-sms', 'sms-worker'],
};

const usage = `Speed of the gateway, the relay and the workers, beside what PostgreSQL can do at most.

npm run bench -- [options]

  --quick            two short rounds, for trying
  --only <list>      any of ${scenarioNames.join(', ')}, separated by commas
  --rounds <n>       measurements of each scenario, interleaved (5)
  --seconds <n>      length of one measurement (6)
  --connections <n>  requests under way at a time (32)
  --cpu-prof <dir>   write a CPU profile of each process there (slows them down a little)
  --help

The table goes to stdout, progress to stderr, everything measured to bench/results/. bench/README.md says what the rows mean.
`;

/** @returns what to do, or the text to show instead */
export function readOptions(
  args: readonly string[],
): BenchOptions | { readonly show: string; readonly status: number } {
  const refuse = (words: string) => ({ show: `bench: ${words} See --help.\n`, status: 2 });
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        connections: { type: 'string', default: '32' },
        'cpu-prof': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return refuse(`${(error as Error).message}.`);
  }
  if (values.help) return { show: usage, status: 0 };

  const wanted = values.only?.split(',').map((name) => name.trim()) ?? [...scenarioNames];
  const unknown = wanted.find((name) => !scenarioNames.some((known) => known === name));
  if (unknown !== undefined) return refuse(`--only: there is no scenario "${unknown}".`);
  for (const [name, base] of Object.entries(bases)) {
    if (wanted.includes(name)) wanted.push(...base);
  }
  const { quick } = values;
  const numbers = {
    rounds: Number(values.rounds ?? (quick ? 2 : 5)),
    seconds: Number(values.seconds ?? (quick ? 2 : 6)),
    connections: Number(values.connections),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 1 || value > 1000)
      return refuse(`--${name} must be a number from 1 to 1000.`);
  }
  return {
    ...numbers,
    only: scenarioNames.filter((name) => wanted.includes(name)),
    // More than a fast machine checks in that time; where they run out, the measurement ends sooner.
    users: Math.min(60_000, 4000 * numbers.seconds),
    rows: quick ? { relay: 5000, sms: 1000, sealing: 10_000 } : { relay: 20_000, sms: 4000, sealing: 40_000 },
    cpuProfile: values['cpu-prof'] === undefined ? null : resolve(values['cpu-prof']),
  };
}
