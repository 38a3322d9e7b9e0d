import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** @returns what `scripts/<name>.js --check` ends with, and its last line, which says what is wrong and how to mend it */
async function check(name: string) {
  const script = join(root, 'scripts', `${name}.js`);
  const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', script, '--check'], {
    cwd: root,
    // Jest's own would be taken for those of the script.
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const status = await new Promise((done) => child.once('close', done));
  return { status, words: words.trim().split('\n').at(-1) };
}

it('openapi.json and the types of the client are what the gateway describes', async () => {
  const words = 'openapi.json and libs/client/src/api.ts are what the gateway describes.';
  expect(await check('generate-client')).toEqual({ status: 0, words });
});

it('docs/events.md and docs/log-rights.md are what the sources say', async () => {
  const words = 'docs/events.md and docs/log-rights.md are what the sources say.';
  expect(await check('generate-events')).toEqual({ status: 0, words });
});

it('docs/settings.md is what the table of settings says', async () => {
  const words = 'docs/settings.md is what the table of settings says.';
  expect(await check('generate-settings')).toEqual({ status: 0, words });
});

it('docs/metrics.md is what the catalogue of metrics says', async () => {
  const words = 'docs/metrics.md is what the catalogue of metrics says.';
  expect(await check('generate-metrics')).toEqual({ status: 0, words });
});

it('docs/admin.md is what the commands of npm run admin say', async () => {
  expect(await check('generate-admin')).toEqual({ status: 0, words: 'docs/admin.md is what the commands say.' });
});
