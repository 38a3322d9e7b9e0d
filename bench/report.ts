import type { Machine } from './machine.ts';
import { catalogue, scenarioNames, type ScenarioName } from './catalogue.ts';
import type { BenchOptions } from './options.ts';
import type { Measurement } from './rig.ts';
import type { Bench } from './scenarios/index.ts';

/** One round: the floor and, beside it, every scenario. */
export interface Round {
  readonly floor: Measurement;
  readonly scenarios: Partial<Record<ScenarioName, Measurement>>;
}

export interface BenchResult {
  readonly at: string;
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly rounds: readonly Round[];
  readonly statements: Partial<Record<ScenarioName, number>>;
  readonly memory: Bench['memory'];
  readonly bytes: Bench['bytes'];
}

const floorTitle = '*floor*: one statement (step and event), prepared';

interface Target {
  readonly words: string;
  /** What is to be compared, of one round; undefined where the round lacks a part of it. */
  readonly figure: (round: Round) => number | undefined;
  readonly bound: number;
  readonly most?: true;
}

const rate = (round: Round, name: ScenarioName) => round.scenarios[name]?.perSecond;
const over = (a: number | undefined | null, b: number | undefined | null) =>
  a === undefined || a === null || b === undefined || b === null ? undefined : a / b;

/** Events that the gateway writes in a second: one in a check, two in a challenge with an SMS; the higher figure. */
function eventRate(round: Round): number | undefined {
  const rates = [rate(round, 'verify'), (rate(round, 'challenge-sms') ?? Number.NaN) * 2];
  const known = rates.filter((events): events is number => typeof events === 'number' && events > 0);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** CPU time of a request, at the database as well. */
function cpu(round: Round, name: ScenarioName): number | undefined {
  const { nodeUs, databaseUs } = round.scenarios[name] ?? {};
  return typeof nodeUs === 'number' && typeof databaseUs === 'number' ? nodeUs + databaseUs : undefined;
}

/** How much more CPU time than the check of an app's code; without a bound. */
const moreCpu = (name: ScenarioName): Target => ({
  words: '× CPU of verify',
  figure: (round) => over(cpu(round, name), cpu(round, 'verify')),
  bound: 0,
});

/** How many times as much as another scenario, and the least it should be; a bound of 0 is none. */
const times = (name: ScenarioName, other: ScenarioName, bound: number): Target => ({
  words: `× ${other}`,
  figure: (round) => over(rate(round, name), rate(round, other)),
  bound,
});

const targets: Readonly<Partial<Record<ScenarioName, readonly Target[]>>> = {
  verify: [{ words: '× floor', figure: (round) => over(rate(round, 'verify'), round.floor.perSecond), bound: 0.33 }],
  'half-load': [
    {
      words: "p99 ÷ the floor's p50",
      figure: (round) => over(round.scenarios['half-load']?.p99Ms, round.floor.p50Ms),
      bound: 10,
      most: true,
    },
  ],
  decision: [times('decision', 'verify', 1.5)],
  'challenge-sms': [times('challenge-sms', 'verify', 0.5)],
  relay: [
    { words: '× events of the gateway', figure: (round) => over(rate(round, 'relay'), eventRate(round)), bound: 5 },
  ],
  'sms-worker': [{ words: '/s', figure: (round) => rate(round, 'sms-worker') ?? undefined, bound: 2000 }],
  'hand-over': [
    { words: 'ms p50', figure: (round) => round.scenarios['hand-over']?.p50Ms ?? undefined, bound: 10, most: true },
    { words: 'ms p99', figure: (round) => round.scenarios['hand-over']?.p99Ms ?? undefined, bound: 100, most: true },
  ],
  sealing: [
    { words: '× events of the gateway', figure: (round) => over(rate(round, 'sealing'), eventRate(round)), bound: 20 },
  ],
  'better-auth': [
    { words: '× by verify', figure: (round) => over(rate(round, 'verify'), rate(round, 'better-auth')), bound: 25 },
  ],
  'challenge-app': [times('challenge-app', 'verify', 0)],
  'recovery-code': [times('recovery-code', 'verify', 0)],
  passkey: [times('passkey', 'verify', 0)],
  'wrong-code': [times('wrong-code', 'verify', 0)],
  locked: [times('locked', 'verify', 0)],
  enrolment: [times('enrolment', 'verify', 0)],
  'enrolment-verify': [times('enrolment-verify', 'verify', 0)],
  mix: [times('mix', 'verify', 0)],
  'connections-1': [times('connections-1', 'verify', 0)],
  'connections-8': [times('connections-8', 'verify', 0)],
  'connections-128': [times('connections-128', 'verify', 0)],
  'unix-socket': [times('unix-socket', 'verify', 0)],
  'gateways-2': [{ ...moreCpu('gateways-2'), bound: 1.05, most: true }],
  traced: [moreCpu('traced')],
  'traced-part': [moreCpu('traced-part')],
  start: [{ words: 'ms', figure: (round) => round.scenarios.start?.p50Ms ?? undefined, bound: 2000, most: true }],
  'start-all': [
    { words: 'ms', figure: (round) => round.scenarios['start-all']?.p50Ms ?? undefined, bound: 3000, most: true },
  ],
  'sms-workers-2': [times('sms-workers-2', 'sms-workers-1', 1.9)],
  'sms-workers-4': [times('sms-workers-4', 'sms-workers-1', 3.4)],
  'verify-big': [times('verify-big', 'verify', 0.9)],
  'decision-big': [times('decision-big', 'decision', 0.9)],
  'challenge-sms-big': [times('challenge-sms-big', 'challenge-sms', 0.9)],
  'recovery-code-big': [times('recovery-code-big', 'recovery-code', 0.9)],
};

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const short = (value: number) => (value >= 100 ? whole(value) : value.toPrecision(value >= 10 ? 3 : 2));

function row(name: ScenarioName | 'floor', result: BenchResult): string[] | undefined {
  const { rounds } = result;
  const measurements = rounds.flatMap((round) => (name === 'floor' ? round.floor : (round.scenarios[name] ?? [])));
  if (measurements.length === 0) return undefined;
  const middle = (field: keyof Measurement, format: (value: number) => string) => {
    const values = measurements.map((measurement) => measurement[field]).filter((value) => value !== null);
    return values.length === 0 || values.some(Number.isNaN) ? '–' : format(median(values));
  };
  const rates = measurements.map(({ perSecond }) => perSecond).filter((found) => found !== null);
  const times = measurements.map(({ p50Ms }) => p50Ms).filter((found) => found !== null);
  const of = (values: readonly number[], format: (value: number) => string) =>
    `${format(Math.min(...values))}–${format(Math.max(...values))}`;
  const compared = (name === 'floor' ? [] : (targets[name] ?? [])).flatMap((target) => {
    const figures = rounds.map(target.figure).filter((figure) => figure !== undefined);
    return figures.length === 0 ? [] : [{ ...target, figure: median(figures) }];
  });
  const met = ({ figure, most, bound }: (typeof compared)[number]) => (most ? figure <= bound : figure >= bound);
  const bounded = compared.filter(({ bound }) => bound > 0);
  const statements = name === 'floor' ? 1 : result.statements[name];
  const list = (cells: readonly string[]) => (cells.length === 0 ? '–' : cells.join('; '));
  return [
    name === 'floor' ? floorTitle : catalogue[name].title,
    rates.length === 0 ? '–' : whole(median(rates)),
    rates.length === 0 ? `${of(times, whole)} ms` : of(rates, whole),
    middle('p50Ms', short),
    middle('p99Ms', short),
    middle('nodeUs', whole),
    middle('databaseUs', whole),
    statements === undefined ? '–' : statements.toFixed(1).replace('.0', ''),
    list(compared.map(({ figure, words }) => `${short(figure)} ${words}`)),
    list(bounded.map((each) => `${each.most ? '≤' : '≥'} ${each.bound}: ${met(each) ? 'yes' : 'no'}`)),
  ];
}

function largeTables({ filled }: BenchOptions, { event, auditEntry }: NonNullable<Bench['bytes']>): string {
  const rows = `${whole(filled.devices)} devices and ${whole(filled.events)} events`;
  return `Large tables: ${rows}; an event takes ${whole(event)} bytes with its indexes, and ${whole(auditEntry)} in the log.`;
}

/** The result as Markdown. */
export function report(result: BenchResult): string {
  const { machine, options, rounds, bytes } = result;
  const head = ['what', '/s', 'spread', 'p50 ms', 'p99 ms', 'Node µs', 'database µs', 'statements', 'ratio', 'target'];
  const names = ['floor', ...scenarioNames] as const;
  const rows = names.map((name) => row(name, result)).filter((cells) => cells !== undefined);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const memory = Object.entries(result.memory).map(([name, mb]) => `${name} ${whole(mb)}`);
  const queue = machine.redis === null ? 'PostgreSQL as the queue (no redis-server here)' : `Redis ${machine.redis}`;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB; Node ${machine.node}, PostgreSQL ${machine.postgres} (durable), ${queue};`,
    `floor by ${machine.floorBy}; a write takes the disk ${short(machine.fsyncMs)} ms; load average before the start ${machine.loadAverage.join(', ')}.`,
    `${options.connections} connections, ${rounds.length} rounds of ${options.seconds} s, interleaved: medians, CPU time per request or row.`,
    '',
    line(head),
    line(head.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(line),
    '',
    ...(memory.length === 0 ? [] : [`Largest memory, MB: ${memory.join(', ')}.`]),
    ...(bytes === null ? [] : [largeTables(options, bytes)]),
  ].join('\n');
}
