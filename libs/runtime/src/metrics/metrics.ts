import { metricsOfCalls } from './metrics-of-calls.js';
import { metricsOfMessages } from './metrics-of-messages.js';
import { metricsOfOperation } from './metrics-of-operation.js';

/** Every metric of ours: what `/metrics` shows besides what prom-client tells of Node.js itself. */
export const metrics = { ...metricsOfOperation, ...metricsOfCalls, ...metricsOfMessages };

type Metrics = typeof metrics;
export type MetricName = keyof Metrics;
type NamesOf<T> = { [N in MetricName]: Metrics[N]['type'] extends T ? N : never }[MetricName];
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;

/** Labels of a metric; none where it has none. */
export type LabelsOf<N extends MetricName> = Metrics[N] extends { readonly labels: infer L }
  ? { readonly [K in keyof L]: string }
  : Record<string, never>;
