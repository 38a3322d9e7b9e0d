import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const built = join(root, 'dist/client');

/** The oldest Node.js that the package is for, where the machine has one; else the one that runs the tests. */
const node = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => !file.includes('node_modules') && existsSync(file))
  .map((file) => ({ file, version: execFileSync(file, ['--version'], { encoding: 'utf8' }).trim() }))
  .find(({ version }) => version.startsWith('v20.')) ?? { file: process.execPath, version: process.version };
const noNode20 = node.file === process.execPath ? ', for want of a Node.js 20 on the PATH' : '';

let panel: TestPanel;
/** An empty project that has installed what would be published, and nothing else of ours. */
let project: string;

beforeAll(async () => {
  panel = await startPanel();
  project = await mkdtemp(join(tmpdir(), 'sallyport-client-'));
  await run(process.execPath, [join(root, 'scripts/build-client.js')]);
  await run('npm', ['pack', built, '--pack-destination', project, '--silent'], { cwd: project });
  const [archive = ''] = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
  const installed = join(project, 'node_modules/@sallyport/client');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1'], { cwd: project });
  // What npm would fetch from its registry.
  for (const name of ['jose', 'openapi-fetch', 'standardwebhooks', '@types/node']) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, 'node_modules', name), link);
  }
  await writeFile(join(project, 'package.json'), '{ "name": "panel", "private": true, "type": "module" }');
});
afterAll(async () => {
  await panel.stop();
  await rm(project, { recursive: true, force: true });
});

describe('the package of the client', () => {
  test('has what npm needs, and depends on what it imports alone', async () => {
    const manifest = JSON.parse(await readFile(join(built, 'package.json'), 'utf8'));
    const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: '@sallyport/client', version: own.version, license: own.license });
    const files = await readdir(join(project, 'node_modules/@sallyport/client'));
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json']));
    expect(files.filter((name) => /\.spec\.|(?<!\.d)\.ts$|\.tgz$/.test(name))).toEqual([]);

    const texts = await Promise.all(
      files.filter((name) => /\.(js|d\.ts)$/.test(name)).map((name) => readFile(join(built, name), 'utf8')),
    );
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/\bfrom '([^'.][^']*)'/g)].map(([, name = '']) => name).filter((name) => !/^node:/.test(name)),
    );
    expect([...new Set(imported)].toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
  });

  // What a newcomer copies: compiled as strictly as can be, then run.
  test(`does what its README says, in TypeScript and on Node.js ${node.version}${noNode20}`, async () => {
    const readme = await readFile(join(built, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
    expect(examples.length).toBeGreaterThan(2);
    await writeFile(join(project, 'readme.ts'), examples.join('\n'));
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      skipLibCheck: false,
      types: ['node'],
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['readme.ts'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const compiled = await run(process.execPath, [compiler, '-p', project]).catch((error: { stdout: string }) => error);
    expect(compiled.stdout).toBe('');

    // The code of the app is the panel user's to enter: this one reads it where the example shows the secret.
    await writeFile(
      join(project, 'panel.mjs'),
      `import { Sallyport, SallyportError } from '@sallyport/client';
       import { generateSync } from ${JSON.stringify(import.meta.resolve('otplib'))};
       import { addApp, beginSecondStep, finishSecondStep, proveDevice } from './readme.js';
       const sallyport = new Sallyport({ url: process.env.SALLYPORT_URL, apiKey: process.env.SALLYPORT_API_KEY });
       const path = { accountId: 'acme', userId: 'jane' };
       await sallyport.put('/v1/accounts/{accountId}', { params: { path }, body: {} });
       await sallyport.put('/v1/accounts/{accountId}/users/{userId}', { params: { path }, body: {} });
       const said = { before: await beginSecondStep('acme', 'jane') };
       const app = await addApp('acme', 'jane');
       const codes = await proveDevice(app.deviceId, generateSync({ secret: app.secret }));
       said.codes = codes.length;
       const { challenge } = await beginSecondStep('acme', 'jane');
       said.challenge = challenge.status;
       // The app's next code, which the window admits.
       const next = generateSync({ secret: app.secret, epoch: Math.floor(Date.now() / 1000) + 30 });
       const wrong = String((Number(next) + 1) % 1_000_000).padStart(6, '0');
       said.wrong = await finishSecondStep('acme', 'jane', challenge.id, wrong);
       said.after = await finishSecondStep('acme', 'jane', challenge.id, next);
       said.refusal = await sallyport.get('/v1/devices/{deviceId}', { params: { path: { deviceId: 'dev_none' } } })
         .catch((error) => error instanceof SallyportError && error.code);
       console.log(JSON.stringify(said));`,
    );
    const ran = await run(node.file, ['panel.mjs'], {
      cwd: project,
      env: { SALLYPORT_URL: panel.url, SALLYPORT_API_KEY: panel.apiKey },
    }).catch((error: { stdout: string; stderr: string }) => error);
    expect(ran.stderr).toBe('');
    expect(JSON.parse(ran.stdout)).toEqual({
      before: { signedIn: true },
      codes: 10,
      challenge: 'pending',
      wrong: { signedIn: false, words: expect.any(String), attemptsLeft: 4 },
      after: { signedIn: true },
      refusal: 'not_found',
    });
  });
});
