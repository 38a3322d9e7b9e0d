/**
 * Writes docs/metrics.md from the catalogue of metrics; with `--check` it only says whether the file is up to date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerHelp } from './answer-help.ts';
import './from-sources.js';

answerHelp(
  'npm run generate:metrics [-- --check]: writes docs/metrics.md from the catalogue of metrics; --check only compares.',
  ['--check'],
);

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'docs/metrics.md');
const intro = `# Metrics

<!-- Generated from libs/runtime/src/metrics: change that, then run "npm run generate:metrics". -->

Every process answers \`GET /metrics\` for [Prometheus](https://prometheus.io/docs/instrumenting/exposition_formats/), on a port that the public does not reach ([settings](settings.md):
\`METRICS_HOST\` and \`METRICS_PORT\` of the gateway and the witness, \`HOST\` and \`HEALTH_PORT\` of the others). \`npm start\` has those of all processes in one, at the \`metricsUrl\` of its \`quickstart.json\`. Besides
those below there are the [usual figures of Node.js](https://github.com/siimon/prom-client#default-metrics): \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`, \`nodejs_eventloop_lag_p99_seconds\` and so on.

Times are in seconds. A histogram has \`_bucket\`, \`_sum\` and \`_count\`. No label has a value that somebody chose, an id or an address; countries are those of ISO 3166.

- [monitoring/prometheus.yml](monitoring/prometheus.yml) is an example of what Prometheus asks, [monitoring/alerts.yml](monitoring/alerts.yml) has the alerts, each of which leads to its section of the [runbook](runbook-alerts.md), and
  [monitoring/grafana.json](monitoring/grafana.json) is a dashboard to import.
- [scaling.md](scaling.md#workers-by-the-age-of-the-oldest-job) has workers scaled by \`sallyport_queue_oldest_job_seconds\`, with KEDA.
- Figures of the queues and of tables are the same in every process that shows them: take the \`max\` of them. What is counted is counted by the process that did it: take the \`sum\`.
- What is counted is kept in memory and begins anew with the process, as \`rate()\` and \`increase()\` expect. A look at \`/metrics\` asks PostgreSQL and the queue some short questions, answered by indexes
  ([ADR 59](adr/0059-what-a-look-at-metrics-costs.md)); a figure that cannot be found out within 4 s is left out.
`;

function table(head, rows) {
  // In a cell of Markdown a bar would end the cell.
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function metricRow([name, { type, help, labels = {}, onlyWith }]) {
  const words = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
  return [`\`${name}\``, type, onlyWith ? `${help}. Only with ${onlyWith}` : help, words.join('; ')];
}

/** @returns {Promise<string>} the whole page */
async function generate() {
  const { metrics, measuredProcesses } = await import('../libs/runtime/src/index.ts');
  const rows = Object.entries(metrics);
  const isCommon = ([, { processes }]) =>
    measuredProcesses.every((name) => name === 'witness' || processes.includes(name));
  // Each once: where several processes have it, under the first of them.
  const told = new Set(rows.filter(isCommon).map(([name]) => name));
  const head = ['metric', 'type', 'what it says', 'labels'];
  const sections = ['## Every process but the witness\n', table(head, rows.filter(isCommon).map(metricRow))];
  for (const process of measuredProcesses) {
    const own = rows.filter(([name, { processes }]) => processes.includes(process) && !told.has(name));
    const others = rows.filter(
      ([name, row]) =>
        row.processes.includes(process) && !own.some(([each]) => each === name) && !isCommon([name, row]),
    );
    for (const [name] of own) told.add(name);
    sections.push(`## ${process}\n`);
    if (own.length > 0) sections.push(table(head, own.map(metricRow)));
    if (others.length > 0) sections.push(`As above: ${others.map(([name]) => `\`${name}\``).join(', ')}.\n`);
  }
  return [intro, ...sections].join('\n');
}

const text = await generate();
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
  process.stderr.write('Wrote docs/metrics.md.\n');
} else if (existsSync(target) && readFileSync(target, 'utf8') === text) {
  process.stderr.write('docs/metrics.md is what the catalogue of metrics says.\n');
} else {
  process.stderr.write('sallyport: docs/metrics.md is out of date. Run "npm run generate:metrics".\n');
  process.exitCode = 1;
}
