/**
 * Looks at the gateway's own OpenAPI document with two linters, each by the rules that its makers recommend. Both work
 * offline and report to nobody.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describeGateway } from './describe-gateway.js';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-api-'));
const file = join(folder, 'openapi.json');
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NODE_OPTIONS: '' };
const linters = [
  ['@redocly/cli/bin/cli.js', 'lint', file, '--config', join(root, 'redocly.yaml'), '--max-problems', '1000'],
  [
    '@stoplight/spectral-cli/dist/index.js',
    'lint',
    file,
    '--ruleset',
    join(root, '.spectral.yaml'),
    '--fail-severity',
    'hint',
    '--quiet',
  ],
];

try {
  writeFileSync(file, JSON.stringify(await describeGateway(), null, 2));
  for (const [program, ...args] of linters) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--no-warnings', join(root, 'node_modules', program), ...args],
      { cwd: folder, env, encoding: 'utf8' },
    );
    // A warning is no fault to Redocly's exit status.
    const silent = status === 0 && !/^\s*\[\d+\]|\bwarning/m.test(stdout + stderr);
    if (silent) continue;
    process.stderr.write(stdout + stderr);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
