import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openFloor } from './floor.ts';
import { describeMachine } from './machine.ts';
import type { ScenarioName } from './catalogue.ts';
import { readOptions, type BenchOptions } from './options.ts';
import { report, type BenchResult, type Round } from './report.ts';
import type { Measurement, Scenario } from './rig.ts';
import { openScenarios } from './scenarios/index.ts';
import { seed } from './seed.ts';
import { openSystem, Started } from './system.ts';
import { say } from './say.ts';

async function measureAll(started: Started, options: BenchOptions): Promise<BenchResult> {
  const at = new Date().toISOString();
  const profiling = options.cpuProfile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.cpuProfile}`];
  const system = await openSystem(started, profiling, say);
  say(`Filling the tables: ${options.users} users with an app, ${options.users} with SMS …`);
  const seeded = await seed(system, options.users);
  const floor = await openFloor(system, options.users, options.connections);
  const machine = await describeMachine(system, floor.by);
  const bench = await openScenarios(system, seeded, floor, options, say);

  const measure = async (name: string, scenario: Scenario): Promise<Measurement> => {
    await scenario.prepare();
    const measurement = await scenario.measure();
    const { perSecond, p50Ms } = measurement;
    say(`${name}: ${perSecond === null ? `${Math.round(p50Ms ?? Number.NaN)} ms` : `${Math.round(perSecond)}/s`}`);
    return measurement;
  };
  const round = async (): Promise<Round> => {
    const scenarios: Partial<Record<ScenarioName, Measurement>> = {};
    const floorNow = await measure('floor', bench.floor);
    for (const name of options.only) {
      const scenario = bench.scenarios.get(name);
      if (scenario) scenarios[name] = await measure(name, scenario);
    }
    return { floor: floorNow, scenarios };
  };

  say('Counting statements …');
  const statements = await bench.countStatements();
  say('Warming up …');
  await round();
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    say(`Round ${number} of ${options.rounds}`);
    rounds.push(await round());
  }
  return { at, machine, options, rounds, statements, memory: bench.memory, bytes: bench.bytes };
}

async function keep(result: BenchResult): Promise<string> {
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${result.at.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return relative(process.cwd(), path);
}

const options = readOptions(process.argv.slice(2));
if ('show' in options) {
  (options.status === 0 ? process.stdout : process.stderr).write(options.show);
  process.exit(options.status);
}

const started = new Started();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    say('Stopping what was started …');
    void started.stop().then(() => process.exit(130));
  });
}
try {
  const result = await measureAll(started, options);
  await started.stop();
  say(`Everything measured is in ${await keep(result)}.`);
  process.stdout.write(`${report(result)}\n`);
} catch (error) {
  if (!interrupted) {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    await started.stop();
    process.exitCode = 1;
  }
}
