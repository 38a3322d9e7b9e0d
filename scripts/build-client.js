/** Builds libs/client into dist/client: a whole npm package, ready for "npm publish dist/client". */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerHelp } from './answer-help.ts';

answerHelp('npm run build:client: builds libs/client into dist/client, a whole npm package.');

const root = resolve(import.meta.dirname, '..');
const lib = join(root, 'libs/client');
const target = join(root, 'dist/client');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

function fail(words) {
  process.stderr.write(`sallyport: ${words}\n`);
  process.exit(1);
}

if (!existsSync(compiler)) fail('the dependencies are not installed. Run "npm ci" first.');
process.stderr.write('Building the client …\n');
rmSync(target, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, '-p', lib], { stdio: 'inherit' });
if (status !== 0) fail('the client was not built; the lines above say where.');

const { version, license, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifest = {
  name: '@sallyport/client',
  version,
  description: 'Client of Sallyport, the second door for web control panels.',
  license,
  type: 'module',
  // AbortSignal.any came with 20.3.
  engines: { node: '>=20.3' },
  sideEffects: false,
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  dependencies: Object.fromEntries(
    ['jose', 'openapi-fetch', 'standardwebhooks'].map((name) => [name, dependencies[name]]),
  ),
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(join(lib, 'README.md'), join(target, 'README.md'));
copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
process.stderr.write(`Built @sallyport/client ${version} in dist/client.\n`);
