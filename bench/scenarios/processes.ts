import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ScenarioName } from '../catalogue.ts';
import type { Measurement, Rig, Scenario } from '../rig.ts';
import type { Program, ProgramName } from '../system.ts';
import type { Checks } from './checks.ts';

/** The same check by gateways that are run otherwise, and how long processes take to be ready. */
export function processScenarios(rig: Rig, checks: Checks): [ScenarioName, Scenario][] {
  const { system, site } = rig;
  return [
    ['unix-socket', byOtherGateways(rig, checks, 1, { DATABASE_URL: system.socketUrl })],
    ['gateways-2', byOtherGateways(rig, checks, 2, { DATABASE_URL: site.databaseUrl })],
    ['traced', traced(rig, checks, '1')],
    ['traced-part', traced(rig, checks, '0.01')],
    ['start', start(rig, 'gateway')],
    ['start-all', start(rig, 'standalone')],
  ];
}

/** They stay for the whole run, as the one that they are compared with: a young process is slower. */
function byOtherGateways(rig: Rig, checks: Checks, count: number, env: Record<string, string>): Scenario {
  const gateways: Program[] = [];
  return {
    prepare: async () => {
      while (gateways.length < count) gateways.push(await rig.system.start('gateway', env));
      await checks.open();
    },
    measure: () => {
      const ports = gateways.map(({ port }) => port);
      return rig.loadMeasured(checks.verifications(), { ports }, gateways);
    },
  };
}

/** @param share of the calls, from 0 to 1 */
function traced(rig: Rig, checks: Checks, share: string): Scenario {
  const env: Record<string, string> = {
    DATABASE_URL: rig.site.databaseUrl,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: share,
  };
  const scenario = byOtherGateways(rig, checks, 1, env);
  return {
    ...scenario,
    prepare: async () => {
      env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??= `http://127.0.0.1:${await startCollector(rig)}`;
      await scenario.prepare();
    },
  };
}

/** @returns its port */
async function startCollector({ system }: Rig): Promise<number> {
  const collector = await system.take(
    async () => fork(join(import.meta.dirname, '../collector.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    async (child) => child.disconnect(),
  );
  const [port] = (await once(collector, 'message')) as [number];
  return port;
}

/** With its data there, once it has been ready before. */
function start(rig: Rig, name: ProgramName): Scenario {
  let prepared = false;
  const startOnce = async () => {
    const program = await rig.system.start(name);
    await rig.noteMemory(name, program);
    await program.stop();
    return program.readyMs;
  };
  return {
    prepare: async () => {
      if (!prepared) await startOnce();
      prepared = true;
    },
    measure: async (): Promise<Measurement> => {
      const p50Ms = await startOnce();
      return { perSecond: null, p50Ms, p99Ms: null, nodeUs: null, databaseUs: null };
    },
  };
}
