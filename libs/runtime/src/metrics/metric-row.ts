/** A process that answers `/metrics`. `npm start` is all of them but the witness in one. */
export const measuredProcesses = [
  'gateway',
  'relay',
  'sms-worker',
  'email-worker',
  'lockout-worker',
  'webhook-worker',
  'audit-worker',
  'witness',
] as const;
export type MeasuredProcess = (typeof measuredProcesses)[number];

/** Those that work with PostgreSQL. */
export const withDatabase = measuredProcesses.filter((name) => name !== 'witness');

/** Those that take jobs from a queue. */
export const takingJobs = measuredProcesses.filter((name) => name.endsWith('-worker'));

/** One metric of the catalogue: https://prometheus.io/docs/practices/naming/ says how they are named. */
export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What is counted or measured, for `# HELP` and docs/metrics.md. */
  readonly help: string;
  /** Labels and their values. Never an id, an address or a name that somebody chose: each value is a series for ever. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
  readonly processes: readonly MeasuredProcess[];
  /** There only where something is configured, as docs/metrics.md says. */
  readonly onlyWith?: string;
}
