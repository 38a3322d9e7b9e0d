import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { measuredProcesses, metrics, generateKeyFile, type MeasuredProcess, type MetricRow } from '#runtime';
import { AppProcess, type AppName } from '../../faults/app-process.js';
import { namesIn, seriesIn } from '../../support/metrics.js';
import { urlOf } from '../../support/worker-roles.js';

/** Each process by itself, under its own database role, shows the metrics that docs/metrics.md says it has, and no others. */

const rows = Object.entries(metrics) as [string, MetricRow][];
const namesOf = (process: MeasuredProcess) =>
  rows
    .filter(([, row]) => row.processes.includes(process) && row.onlyWith === undefined)
    .map(([name]) => name)
    .toSorted();

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'sallyport-metrics-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const keys = JSON.parse(generateKeyFile()) as Record<string, unknown>;
const only = (...kinds: string[]) => ({
  SALLYPORT_KEYS: JSON.stringify(Object.fromEntries(kinds.map((kind) => [kind, keys[kind]]))),
});

const environments: Readonly<Record<AppName, () => Record<string, string>>> = {
  gateway: () => ({ ...only('sealing', 'webhook', 'pepper', 'proof'), PORT: '0' }),
  relay: () => ({}),
  'sms-worker': () => ({
    ...only('sealing'),
    VONAGE_API_KEY: 'key',
    VONAGE_API_SECRET: randomBytes(8).toString('hex'),
    VONAGE_FROM: 'Panel',
  }),
  'email-worker': () => ({
    ...only('sealing'),
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'Panel <2fa@panel.example>',
  }),
  'audit-worker': () => ({
    ...only('checkpoint'),
    AUDIT_ORIGIN: 'sallyport.test/audit',
    AUDIT_STATE_DIR: join(folder, 'audit'),
  }),
  'lockout-worker': () => only('sealing'),
  'webhook-worker': () => only('webhook'),
};

const apps = measuredProcesses.filter((name) => name !== 'witness');

describe.each(apps)('%s', (name) => {
  const role = `sallyport_${name.replaceAll('-', '_')}`;
  let app: AppProcess;
  let text = '';

  beforeAll(async () => {
    app = new AppProcess(name, { DATABASE_URL: urlOf(role), ...environments[name]() });
    await app.start();
    const { metricsUrl } = app.logs.find(({ msg }) => msg === 'ready') as unknown as { readonly metricsUrl: string };
    text = await (await fetch(metricsUrl)).text();
  });
  afterAll(() => app.end('SIGTERM'));

  test('shows its metrics by name, and those of Node.js', () => {
    expect(namesIn(text)).toEqual(namesOf(name));
    expect(text).toContain('# TYPE process_cpu_seconds_total counter');
    expect(text).toContain('# TYPE nodejs_eventloop_lag_p99_seconds gauge');
  });

  test('finds out each of its figures, under its role', () => {
    const found = new Set(seriesIn(text).map((series) => series.name));
    const figures = namesOf(name).filter((each) => metrics[each as keyof typeof metrics].type === 'gauge');
    expect(figures.filter((each) => !found.has(each))).toEqual([]);
    expect(seriesIn(text)).toEqual(
      expect.arrayContaining([
        { name: 'sallyport_readiness_check', labels: { check: 'database' }, value: 1 },
        { name: 'sallyport_readiness_check', labels: { check: 'clock' }, value: 1 },
      ]),
    );
    const clock = seriesIn(text).find((series) => series.name === 'sallyport_clock_difference_seconds');
    expect(Math.abs(clock?.value ?? NaN)).toBeLessThan(15);
  });
});
