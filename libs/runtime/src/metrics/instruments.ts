import { collectDefaultMetrics, Counter, Gauge, Histogram, register } from 'prom-client';
import { late, within } from '../within.js';
import type { MeasuredProcess, MetricRow } from './metric-row.js';
import {
  metrics,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
} from './metrics.js';

/** Longest time that a figure is waited for: whoever asks has a time limit of its own, of 10 s by default. */
const longestLookMs = 4000;

const rows: Readonly<Record<MetricName, MetricRow>> = metrics;

/**
 * Has `/metrics` of this process show what it counts from the first look on, at 0 or without a series, and what Node.js tells
 * of itself.
 */
export function openMetrics(processes: readonly MeasuredProcess[]): void {
  if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics();
  for (const [name, row] of Object.entries(rows) as [MetricName, MetricRow][]) {
    if (!row.processes.some((each) => processes.includes(each))) continue;
    if (row.type === 'counter') counterOf(name as CounterName);
    if (row.type === 'histogram') histogramOf(name as HistogramName);
  }
}

/** Adds to a counter, in memory alone. */
export function count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
  counterOf(name).inc({ ...labels }, by);
}

/** Adds a value to a histogram, in its unit, in memory alone. */
export function observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void {
  histogramOf(name).observe({ ...labels }, value);
}

/** @returns what tells a histogram, in its unit, how long it took since then; by labels that are known at the end */
export function stopwatch<N extends HistogramName>(name: N): (labels: LabelsOf<N>) => void {
  const began = performance.now();
  return (labels) => observe(name, labels, (performance.now() - began) / 1000);
}

/**
 * A figure in `/metrics` that is looked up when it is asked for. One that can't be found out then is left out.
 * @returns takes it away
 */
export function gauge(name: GaugeName, read: () => number | Promise<number>): () => void {
  return lookedUp(name, async () => [[{}, await read()]]);
}

/** Several gauges of one look at `/metrics` ask at the same time: they get one answer. */
export function askedOnce<T>(read: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => {
    asking ??= read().finally(() => (asking = undefined));
    return asking;
  };
}

type Figures<L> = Iterable<readonly [labels: L, figure: number]>;

/**
 * A figure in `/metrics` for each of several, told apart by labels. If they can't be found out, all are left out.
 * @returns takes it away
 */
export function gaugeOfEach<N extends GaugeName>(
  name: N,
  read: () => Figures<LabelsOf<N>> | Promise<Figures<LabelsOf<N>>>,
): () => void {
  return lookedUp(name, read);
}

function lookedUp(name: GaugeName, read: () => Figures<object> | Promise<Figures<object>>): () => void {
  // A second app of the same kind in one process takes the place of the first.
  register.removeSingleMetric(name);
  // While a store hangs, each look waits for the question that is asked already.
  const ask = askedOnce(async () => read());
  const made = new Gauge<string>({
    ...shapeOf(name),
    async collect() {
      const found = await within(longestLookMs, ask(), { ref: false }).then(
        (figures) => (figures === late ? [] : figures),
        () => [],
      );
      this.reset();
      // Without labels, reset is a 0 that nobody has found.
      if (rows[name].labels === undefined) this.remove();
      for (const [labels, figure] of found) this.set({ ...labels }, figure);
    },
  });
  return () => {
    if (register.getSingleMetric(name) === made) register.removeSingleMetric(name);
  };
}

function shapeOf(name: MetricName): { name: string; help: string; labelNames: string[] } {
  const { help, labels = {} } = rows[name];
  return { name, help, labelNames: Object.keys(labels) };
}

function counterOf(name: CounterName): Counter {
  const known = register.getSingleMetric(name) as Counter | undefined;
  return known ?? new Counter(shapeOf(name));
}

function histogramOf(name: HistogramName): Histogram {
  const known = register.getSingleMetric(name) as Histogram | undefined;
  const { buckets = [] } = rows[name];
  return known ?? new Histogram({ ...shapeOf(name), buckets: [...buckets] });
}
