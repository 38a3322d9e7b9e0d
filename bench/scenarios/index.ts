import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue, type ScenarioName } from '../catalogue.ts';
import type { Floor } from '../floor.ts';
import type { BenchOptions } from '../options.ts';
import { Rig, type Measurement, type Scenario } from '../rig.ts';
import type { Seeded } from '../seed.ts';
import type { ProgramName, System } from '../system.ts';
import { bigScenarios, type Bytes } from './big.ts';
import { challengeScenarios, decisions } from './challenges.ts';
import { Checks } from './checks.ts';
import { deliveryScenarios } from './delivery.ts';
import { assertPeer, peerScenario } from './peer.ts';
import { processScenarios } from './processes.ts';
import { sealingScenarios } from './sealing.ts';

export interface Bench {
  readonly floor: Scenario;
  readonly scenarios: ReadonlyMap<ScenarioName, Scenario>;
  /** Round trips to the database per call, by scenario. */
  countStatements(): Promise<Partial<Record<ScenarioName, number>>>;
  /** Largest resident memory so far in MB, by process. */
  readonly memory: Partial<Record<ProgramName, number>>;
  /** Once nothing more is asked of it, as to have its profile. */
  stopGateway(): Promise<void>;
  /** Of a row with its indexes, where there are many. */
  readonly bytes: Bytes | null;
}

/** Calls of which the statements are counted. */
const counted = 200;

export async function openScenarios(
  system: System,
  seeded: Seeded,
  floor: Floor,
  options: BenchOptions,
  say: (line: string) => void = () => undefined,
): Promise<Bench> {
  const { sql, databaseUrl } = system;
  const asked = (group: string) => options.only.some((name) => catalogue[name].group === group);
  if (asked('peer')) assertPeer(say);
  const memory: Partial<Record<ProgramName, number>> = {};
  const gateway = await system.start('gateway');
  const rig = new Rig(system, { sql, databaseUrl, seeded, gateway, filled: false }, options, memory);
  const rates = new Map<ScenarioName, number>();
  const rateOf = (name: ScenarioName): number => {
    const rate = rates.get(name);
    if (rate === undefined) throw new Error(`The rate of ${name} is not known.`);
    return rate;
  };
  const checks = new Checks(rig);
  const big = asked('big') ? await bigScenarios(rig, say) : undefined;
  const all: [ScenarioName, Scenario][] = [
    ...checks.all(),
    ['half-load', checks.verifyAt(() => rateOf('verify') / 2)],
    ...challengeScenarios(rig),
    ...deliveryScenarios(rig, rateOf),
    ...sealingScenarios(rig),
    ...processScenarios(rig, checks),
    peerScenario(rig),
    ...(big?.scenarios ?? []),
  ];
  const scenarios = new Map(
    all.map(([name, scenario]): [ScenarioName, Scenario] => {
      const measure = async (): Promise<Measurement> => {
        const measurement = await scenario.measure();
        if (measurement.perSecond !== null) rates.set(name, measurement.perSecond);
        return measurement;
      };
      return [name, { ...scenario, measure }];
    }),
  );
  const missing = options.only.filter((name) => !scenarios.has(name));
  if (missing.length > 0) throw new Error(`There is nothing that measures ${missing.join(', ')}.`);
  await track(system, 'none');

  const countStatements = async () => {
    await sql.query('create extension if not exists pg_stat_statements');
    const found: Partial<Record<ScenarioName, number>> = {};
    for (const name of options.only) {
      const alike = name === 'half-load' || ['big', 'connections'].includes(catalogue[name].group);
      const scenario = alike ? undefined : scenarios.get(name);
      if (!scenario?.calls) continue;
      await scenario.prepare();
      const call = scenario.calls();
      const few = { ...call, requests: call.requests.slice(0, counted), repeat: false };
      // Known before: what is counted is the call, not the look at its API key.
      const known = decisions(rig);
      await rig.load({ ...known, requests: known.requests.slice(0, 1), repeat: false }, { connections: 1 });
      await track(system, 'top');
      await sql.query('select pg_stat_statements_reset()');
      const { requests } = await rig.load(few, { connections: 1 });
      const calls = `select sum(calls) from pg_stat_statements where query not like '%pg_stat_statements%'`;
      found[name] = (await rig.number(calls)) / requests;
      await track(system, 'none');
    }
    return found;
  };

  const floorScenario: Scenario = {
    prepare: async () => {
      await floor.prepare();
      await sql.query('checkpoint');
    },
    measure: () =>
      rig.measured([], async () => {
        const { perSecond, p50Ms, p99Ms } = await floor.measure(options.seconds);
        return { units: perSecond * options.seconds, perSecond, p50Ms, p99Ms };
      }),
  };
  return {
    floor: floorScenario,
    scenarios,
    countStatements,
    memory,
    stopGateway: () => gateway.stop(),
    bytes: big?.bytes ?? null,
  };
}

/** Switches the counting of statements, which costs a little, for every connection. */
async function track({ sql }: System, what: 'top' | 'none'): Promise<void> {
  await sql.query(`alter system set pg_stat_statements.track = '${what}'`);
  await sql.query('select pg_reload_conf()');
  // Connections look at it before their next statement; the server needs a moment to tell them.
  await sleep(200);
}
