import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What docs/monitoring has for operators, as Prometheus and Grafana read it. */

export const folder = join(import.meta.dirname, '../../docs/monitoring');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

export const alerts = (parse(read('alerts.yml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);

interface RuleTest {
  readonly name: string;
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}
export const ruleTests = (parse(read('alerts.test.yml')) as { tests: RuleTest[] }).tests;

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}
export const panels = (JSON.parse(read('grafana.json')) as { panels: Panel[] }).panels;

/** Expressions of the dashboard, with the interval that Grafana puts there. */
export const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ title, expr: expr.replaceAll('$__rate_interval', '5m') })),
);

export const scaler = parse(read('keda.yml')) as {
  spec: { triggers: { metadata: { query: string } }[] };
};

export const prometheus = parse(read('prometheus.yml')) as {
  rule_files: string[];
  scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
};
