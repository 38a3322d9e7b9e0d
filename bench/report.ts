import type { Machine } from './machine.ts';
import { scenarioNames, type BenchOptions, type ScenarioName } from './options.ts';
import type { Bench, Measurement } from './scenarios.ts';

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
}

const titles: Readonly<Record<ScenarioName | 'floor', string>> = {
  floor: '*floor*: one statement (step and event), prepared',
  verify: 'verify TOTP',
  'half-load': 'verify TOTP at half of that load',
  decision: 'decision that needs no challenge',
  'challenge-sms': 'challenge with an SMS accepted',
  relay: 'relay: outbox rows',
  'sms-worker': 'SMS worker, provider that answers at once',
  'hand-over': 'SMS accepted until the provider has it, at half load',
  sealing: 'sealing: events',
};

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
  const known = rates.filter((events): events is number => events !== undefined && events > 0);
  return known.length === 0 ? undefined : Math.max(...known);
}

const targets: Readonly<Partial<Record<ScenarioName, Target>>> = {
  verify: { words: '× floor', figure: (round) => over(rate(round, 'verify'), round.floor.perSecond), bound: 0.18 },
  'half-load': {
    words: "p99 ÷ the floor's p50",
    figure: (round) => over(round.scenarios['half-load']?.p99Ms, round.floor.p50Ms),
    bound: 10,
    most: true,
  },
  decision: { words: '× verify', figure: (round) => over(rate(round, 'decision'), rate(round, 'verify')), bound: 2 },
  'challenge-sms': {
    words: '× verify',
    figure: (round) => over(rate(round, 'challenge-sms'), rate(round, 'verify')),
    bound: 0.8,
  },
  relay: {
    words: '× events of the gateway',
    figure: (round) => over(rate(round, 'relay'), eventRate(round)),
    bound: 5,
  },
  'hand-over': {
    words: 'ms p99',
    figure: (round) => round.scenarios['hand-over']?.p99Ms ?? undefined,
    bound: 250,
    most: true,
  },
  sealing: {
    words: '× events of the gateway',
    figure: (round) => over(rate(round, 'sealing'), eventRate(round)),
    bound: 20,
  },
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
  const rates = measurements.map(({ perSecond }) => perSecond);
  const target = name === 'floor' ? undefined : targets[name];
  const figures = target ? rounds.map(target.figure).filter((figure) => figure !== undefined) : [];
  const figure = figures.length === 0 ? undefined : median(figures);
  const met = target && figure !== undefined && (target.most ? figure <= target.bound : figure >= target.bound);
  const statements = name === 'floor' ? 1 : result.statements[name];
  return [
    titles[name],
    whole(median(rates)),
    `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`,
    middle('p50Ms', short),
    middle('p99Ms', short),
    middle('nodeUs', whole),
    middle('databaseUs', whole),
    statements === undefined ? '–' : statements.toFixed(1).replace('.0', ''),
    target && figure !== undefined ? `${short(figure)} ${target.words}` : '–',
    target && figure !== undefined ? `${target.most ? '≤' : '≥'} ${target.bound}: ${met ? 'yes' : 'no'}` : '–',
  ];
}

/** The result as Markdown. */
export function report(result: BenchResult): string {
  const { machine, options, rounds } = result;
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
  ].join('\n');
}
