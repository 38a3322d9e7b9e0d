import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { catalogue, groups, scenarioNames, type GroupName, type ScenarioName } from './catalogue.ts';

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
  /** What another database holds before it is measured. */
  readonly filled: { readonly devices: number; readonly events: number };
  /** Folder for a CPU profile of each process. */
  readonly cpuProfile: string | null;
}

const listed = (Object.entries(groups) as [GroupName, string][])
  .map(([group, words]) => {
    const rows = scenarioNames
      .filter((name) => catalogue[name].group === group)
      .map((name) => `    ${name.padEnd(18)} ${catalogue[name].title.replaceAll('*', '')}`);
    return [`  ${group}: ${words}`, ...rows].join('\n');
  })
  .join('\n');

const usage = `Speed of the gateway, the relay and the workers, beside what PostgreSQL can do at most.

npm run bench -- [options]

  --only <list>      scenarios, groups of them, or "all", separated by commas (${groupsByDefault().join(',')})
  --quick            two short rounds, for trying
  --rounds <n>       measurements of each scenario, interleaved (5)
  --seconds <n>      length of one measurement (6)
  --connections <n>  requests under way at a time (32)
  --devices <n>      devices of the large tables (1000000); with this or the next, the group "big" is measured besides
  --events <n>       events of the large tables (10000000)
  --cpu-prof <dir>   write a CPU profile of each process there (slows them down a little)
  --help

${listed}

The table goes to stdout, progress to stderr, everything measured to bench/results/. bench/README.md says what the rows mean.
`;

function groupsByDefault(): readonly GroupName[] {
  return ['core', 'peer'];
}

const isGroup = (name: string): name is GroupName => Object.hasOwn(groups, name);
const isScenario = (name: string): name is ScenarioName => Object.hasOwn(catalogue, name);

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
        devices: { type: 'string' },
        events: { type: 'string' },
        'cpu-prof': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return refuse(`${(error as Error).message}.`);
  }
  if (values.help) return { show: usage, status: 0 };

  const asked = values.only?.split(',').map((name) => name.trim()) ?? [...groupsByDefault()];
  if (values.devices !== undefined || values.events !== undefined) asked.push('big');
  const wanted = new Set<ScenarioName>();
  for (const name of asked) {
    if (isScenario(name)) wanted.add(name);
    else if (isGroup(name) || name === 'all') {
      for (const each of scenarioNames) if (name === 'all' || catalogue[each].group === name) wanted.add(each);
    } else return refuse(`--only: there is no scenario or group "${name}".`);
  }
  // Those that are added are looked at, too.
  for (const name of wanted) for (const other of catalogue[name].beside ?? []) wanted.add(other);
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
  const filled = { devices: Number(values.devices ?? 1_000_000), events: Number(values.events ?? 10_000_000) };
  for (const [name, value] of Object.entries(filled)) {
    if (!Number.isInteger(value) || value < 1000 || value > 100_000_000)
      return refuse(`--${name} must be a number from 1,000 to 100,000,000.`);
  }
  const short = numbers.seconds <= 2;
  return {
    ...numbers,
    only: scenarioNames.filter((name) => wanted.has(name)),
    // More than a fast machine checks in that time; where they run out, the measurement ends sooner.
    users: Math.min(60_000, 4000 * numbers.seconds),
    rows: short ? { relay: 5000, sms: 1000, sealing: 10_000 } : { relay: 20_000, sms: 4000, sealing: 40_000 },
    filled,
    cpuProfile: values['cpu-prof'] === undefined ? null : resolve(values['cpu-prof']),
  };
}
