/** Builds libs/audit-log into dist/audit-verifier: a whole npm package, ready for "npm publish dist/audit-verifier". */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerHelp } from './answer-help.ts';

answerHelp('npm run build:audit-verifier: builds libs/audit-log into dist/audit-verifier, a whole npm package.');

const root = resolve(import.meta.dirname, '..');
const lib = join(root, 'libs/audit-log');
const target = join(root, 'dist/audit-verifier');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

function fail(words) {
  process.stderr.write(`sallyport: ${words}\n`);
  process.exit(1);
}

if (!existsSync(compiler)) fail('the dependencies are not installed. Run "npm ci" first.');
process.stderr.write('Building the verifier …\n');
rmSync(target, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, '-p', lib], { stdio: 'inherit' });
if (status !== 0) fail('the verifier was not built; the lines above say where.');

const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifest = {
  name: '@sallyport/audit-verifier',
  version,
  description: 'Verifies audit logs of Sallyport without Sallyport: exports, checkpoints, proofs.',
  license,
  type: 'module',
  // crypto.hash came with 20.12.
  engines: { node: '>=20.12' },
  sideEffects: false,
  bin: { 'sallyport-audit-verify': './command/main.js' },
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(join(lib, 'README.md'), join(target, 'README.md'));
copyFileSync(join(root, 'docs/audit-format.md'), join(target, 'audit-format.md'));
copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
process.stderr.write(`Built @sallyport/audit-verifier ${version} in dist/audit-verifier.\n`);
