import { parseArgs } from 'node:util';
import { capacityFor, type Capacity, type Demand } from './capacity-model.ts';
import { measuredCosts } from './measured-costs.ts';

/** What an installation needs: `node bench/capacity.ts --users 100000`. docs/scaling.md says what it goes by. */
const usage = `What an installation needs, by what the bench measured. docs/scaling.md says how it is computed.

node bench/capacity.ts [options]

  --users <n>        users (100000)
  --logins <n>       logins with a second factor that a user makes in a day (1)
  --sms <percent>    of those logins (15)
  --peak <n>         how many times the mean of a day the busiest minute has (10)
  --provider <ms>    what the SMS provider takes for an answer (300)
`;

function read(args: readonly string[]): Demand | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      users: { type: 'string', default: '100000' },
      logins: { type: 'string', default: '1' },
      sms: { type: 'string', default: '15' },
      peak: { type: 'string', default: '10' },
      provider: { type: 'string', default: '300' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: 'users' | 'logins' | 'sms' | 'peak' | 'provider', least: number, most: number) => {
    const value = Number(values[name]);
    if (!(value >= least && value <= most)) throw new Error(`--${name} must be a number from ${least} to ${most}.`);
    return value;
  };
  return {
    users: number('users', 1, 1e9),
    loginsADay: number('logins', 0.001, 1000),
    smsShare: number('sms', 0, 100) / 100,
    peak: number('peak', 1, 1000),
    providerMs: number('provider', 0, 60_000),
  };
}

function words({ loginsPerSecond, smsPerSecond, cores, processes, connections, diskGb }: Capacity): string {
  const lines: [string, string][] = [
    ['logins in the busiest second', loginsPerSecond.toFixed(1)],
    ['SMS in the busiest second', smsPerSecond.toFixed(1)],
    ['cores at work: gateways', cores.gateways.toFixed(2)],
    ['cores at work: relay, workers', cores.workers.toFixed(2)],
    ['cores at work: PostgreSQL', cores.database.toFixed(2)],
    ...Object.entries(processes).map(([name, count]): [string, string] => [`processes: ${name}`, String(count)]),
    ['connections to PostgreSQL', String(connections)],
    ['disk for the users', `${diskGb.users.toFixed(1)} GB`],
    ['disk for a year of logins', `${diskGb.perYear.toFixed(1)} GB`],
  ];
  return lines.map(([what, value]) => `${what.padEnd(32)}${value.padStart(12)}\n`).join('');
}

try {
  const demand = read(process.argv.slice(2));
  process.stdout.write(demand ? words(capacityFor(demand, measuredCosts)) : usage);
} catch (error) {
  process.stderr.write(`capacity: ${(error as Error).message} See --help.\n`);
  process.exitCode = 2;
}
