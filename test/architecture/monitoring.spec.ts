import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { metrics, type MetricRow } from '#runtime';
import { alerts, folder, panels, prometheus, queries, ruleTests, scaler } from '../support/monitoring.js';

/** Dashboard, alerts and scaler ask for what there is, and each alert leads somewhere. */

const rows: Readonly<Record<string, MetricRow>> = metrics;
const ofNode = new Registry();
beforeAll(() => collectDefaultMetrics({ register: ofNode }));
afterAll(() => ofNode.clear());

/** Labels that Prometheus adds. */
const added = ['job', 'instance', 'le'];

const withoutPart = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
function metricsIn(expr: string): string[] {
  const names = [...expr.matchAll(/\b(?:sallyport|process|nodejs)_\w+/g)].map(([name]) => name);
  return names.map((name) => (rows[withoutPart(name)]?.type === 'histogram' ? withoutPart(name) : name));
}
function labelsIn(expr: string): string[] {
  const matched = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  );
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((each) => each.trim()),
  );
  return [...matched, ...grouped];
}

const asked = [
  ...queries.map(({ title, expr }) => ({ where: `dashboard: ${title}`, expr })),
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ...scaler.spec.triggers.map(({ metadata }) => ({ where: 'keda.yml', expr: metadata.query })),
  ...ruleTests.flatMap(({ name, input_series: series }) => series.map((each) => ({ where: name, expr: each.series }))),
];

describe('docs/monitoring', () => {
  it.each(asked)('$where asks for metrics and labels that there are: $expr', ({ expr }) => {
    const names = metricsIn(expr);
    const known = new Set([...Object.keys(rows), ...ofNode.getMetricsAsArray().map(({ name }) => name)]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names.length > 0 || /\bup\b/.test(expr)).toBe(true);
    const labels = new Set([...added, ...names.flatMap((name) => Object.keys(rows[name]?.labels ?? {}))]);
    expect(labelsIn(expr).filter((label) => !labels.has(label))).toEqual([]);
    // A counter by itself says how long its process has lived.
    const counters = [...expr.matchAll(/(\w+\()?(sallyport_\w+_(?:total|bucket|count))/g)];
    if (!expr.startsWith('sallyport') && !expr.startsWith('up')) {
      expect(counters.filter(([, call = '']) => !/^(rate|increase)\($/.test(call)).map(([, , name]) => name)).toEqual(
        [],
      );
    }
  });

  it('shows or watches each metric: none is there for nobody', () => {
    const used = new Set(asked.flatMap(({ expr }) => metricsIn(expr)));
    const own = Object.entries(rows).filter(([, { processes }]) => !processes.every((name) => name === 'witness'));
    // The same lag, as a number of events.
    expect(own.map(([name]) => name).filter((name) => !used.has(name))).toEqual(['sallyport_audit_push_lag_events']);
    expect(panels.length).toBeGreaterThan(30);
  });

  it('has a section of the runbook for each alert, with what it means, what to look at and what to do', () => {
    const page = readFileSync(join(folder, '../runbook-alerts.md'), 'utf8');
    const sections = new Map(
      page
        .split(/^## /m)
        .slice(1)
        .map((text) => [text.slice(0, text.indexOf('\n')), text]),
    );
    expect(alerts.map(({ alert }) => alert).toSorted()).toEqual([...sections.keys()].toSorted());
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook).toBe(`docs/runbook-alerts.md#${alert.toLowerCase()}`);
      for (const part of ['**Means**', '**Look at**', '**Do**']) expect(sections.get(alert)).toContain(part);
    }
    // Links within the page and to others lead somewhere.
    for (const [, file = '', anchor] of page.matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)) {
      if (file === '') expect([...sections.keys()].map((name) => name.toLowerCase())).toContain(anchor);
      else expect({ file, there: existsSync(join(folder, '..', file)) }).toEqual({ file, there: true });
    }
  });

  it('tries each alert twice: with figures at which it fires, and with some at which it does not', () => {
    const tried = ruleTests.flatMap(({ alert_rule_test: tests }) =>
      tests.map(({ alertname, exp_alerts: expected }) => `${alertname} ${expected.length > 0}`),
    );
    expect(tried.toSorted()).toEqual(alerts.flatMap(({ alert }) => [`${alert} false`, `${alert} true`]).toSorted());
  });

  it('names processes and ports as docker-compose.yml does', () => {
    const compose = readFileSync(join(folder, '../../docker-compose.yml'), 'utf8');
    expect(prometheus.rule_files).toEqual(['alerts.yml']);
    const [config] = prometheus.scrape_configs;
    expect(config?.job_name).toBe('sallyport');
    const targets = (config?.dns_sd_configs ?? []).flatMap(({ names, port }) => names.map((name) => ({ name, port })));
    expect(targets.map(({ name }) => name).toSorted()).toEqual([
      'audit-worker',
      'email-worker',
      'gateway',
      'lockout-worker',
      'relay',
      'sms-worker',
      'webhook-worker',
    ]);
    for (const { name, port } of targets) {
      expect(compose).toMatch(new RegExp(`^ {2}${name}:`, 'm'));
      expect(compose).toContain(name === 'gateway' ? `METRICS_PORT: ${port}` : `HEALTH_PORT: ${port}`);
    }
  });
});
