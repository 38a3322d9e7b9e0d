import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { folder, queries, ruleTests, scaler } from '../../support/monitoring.js';

/** Alerts and dashboard as Prometheus itself reads them. */

const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
const isHere = promtool('--version').status === 0;
if (!isHere)
  process.stderr.write('promtool is not in the PATH (Debian: prometheus): alerts and dashboard are not tried.\n');

const own = mkdtempSync(join(tmpdir(), 'sallyport-rules-'));
afterAll(() => rmSync(own, { recursive: true, force: true }));

(isHere ? describe : describe.skip)('promtool', () => {
  test('takes the alerts', () => {
    const { status, stdout, stderr } = promtool('check', 'rules', join(folder, 'alerts.yml'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`SUCCESS: ${ruleTests.length / 2} rules found`);
  });

  test('sees each alert fire where it should, and be silent where it should', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', join(folder, 'alerts.test.yml'));
    expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: '' });
  });

  test('takes the settings of the example, and every expression of the dashboard and of the scaler', () => {
    const settings = promtool('check', 'config', join(folder, 'prometheus.yml'));
    expect({ status: settings.status, stderr: settings.stderr }).toEqual({ status: 0, stderr: '' });
    const expressions = [
      ...queries.map(({ expr }) => expr),
      ...scaler.spec.triggers.map(({ metadata }) => metadata.query),
    ];
    const rules = expressions.map((expr, n) => ({ record: `panel:${n}`, expr }));
    const file = join(own, 'panels.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { status, stderr } = promtool('check', 'rules', file);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
