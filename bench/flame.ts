import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawFrames, foldProfile, leastShare, ownTimes, type CpuProfile } from './flame-graph.ts';
import { openFloor } from './floor.ts';
import { loadAtStart } from './machine.ts';
import { openScenarios } from './scenarios/index.ts';
import { catalogue, type ScenarioName } from './catalogue.ts';
import { seed } from './seed.ts';
import { openSystem, Started } from './system.ts';

/** Where the gateway's time goes, as an SVG: `npm run bench:flame -- verify docs/performance/verify.svg`. */
const usage = `Where the time of the gateway goes, as an SVG.

npm run bench:flame -- <scenario> <file> [--seconds <n>] [--connections <n>]

  <scenario>         any in which the gateway answers: verify, challenge-sms, decision, …; "npm run bench -- --help" lists them
  <file>             where the SVG is written
  --seconds <n>      how long it is looked at (6)
  --connections <n>  requests under way at a time (32)
`;
const root = join(import.meta.dirname, '..');
const say = (line: string) => process.stderr.write(`${line}\n`);
/** µs of the clock that V8's profiles go by. */
const now = () => Number(process.hrtime.bigint() / 1000n);

interface Asked {
  readonly name: ScenarioName;
  readonly file: string;
  readonly seconds: number;
  readonly connections: number;
}

function read(args: readonly string[]): Asked | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '6' },
      connections: { type: 'string', default: '32' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name = '', file] = positionals;
  if (values.help || file === undefined || !Object.hasOwn(catalogue, name)) return undefined;
  return { name: name as ScenarioName, file, seconds: Number(values.seconds), connections: Number(values.connections) };
}

async function profile(started: Started, { name, file, seconds, connections }: Asked): Promise<void> {
  const profiles = await started.take(
    () => mkdtemp(join(tmpdir(), 'sallyport-flame-')),
    (made) => rm(made, { recursive: true, force: true }),
  );
  const profiling = ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${profiles}`];
  const system = await openSystem(started, profiling, say);
  const users = Math.min(60_000, 4000 * seconds);
  say(`Filling the tables: ${users} users with an app, ${users} with SMS …`);
  const seeded = await seed(system, users);
  const floor = await openFloor(system, users, connections);
  const none = { rows: { relay: 0, sms: 0, sealing: 0 }, filled: { devices: 0, events: 0 }, cpuProfile: null };
  const bench = await openScenarios(system, seeded, floor, {
    only: [name],
    rounds: 1,
    seconds,
    connections,
    users,
    ...none,
  });
  const scenario = bench.scenarios.get(name);
  if (!scenario?.calls) throw new Error(`${name} is not answered by the gateway of the bench.`);
  say('Warming up …');
  await scenario.prepare();
  await scenario.measure();
  await scenario.prepare();
  say(`${catalogue[name].title} …`);
  const from = now();
  const { perSecond, nodeUs, databaseUs } = await scenario.measure();
  const to = now();
  await bench.stopGateway();

  const [written] = (await readdir(profiles)).filter((each) => each.endsWith('.cpuprofile'));
  if (!written) throw new Error('The gateway left no profile.');
  const text = await readFile(join(profiles, written), 'utf8');
  const all = foldProfile(JSON.parse(text) as CpuProfile, root, from, to);
  const words = [
    `${catalogue[name].title}: busy time of the gateway, ${connections} connections, ${seconds} s, while it is profiled ${Math.round(perSecond ?? 0)}/s`,
    `Node ${Math.round(nodeUs ?? 0)} µs and PostgreSQL ${Math.round(databaseUs ?? 0)} µs of CPU a request; load average before the start ${loadAtStart[0]?.toFixed(1)}; parts below ${leastShare * 100} % are left out`,
  ];
  await writeFile(file, drawFrames(all, words));
  say(`Written to ${file}. Most time of its own:`);
  const most = ownTimes(all).slice(0, 12);
  process.stdout.write(most.map(([frame, share]) => `${(share * 100).toFixed(1).padStart(5)} %  ${frame}\n`).join(''));
}

const asked = read(process.argv.slice(2));
if (!asked) {
  process.stdout.write(usage);
  process.exit(process.argv.some((each) => each === '--help' || each === '-h') ? 0 : 2);
}
const started = new Started();
try {
  await profile(started, asked);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await started.stop();
}
