import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

it('openapi.json and the types of the client are what the gateway describes', async () => {
  const script = join(root, 'scripts/generate-client.js');
  const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', script, '--check'], {
    cwd: root,
    // Jest's own would be taken for those of the script.
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const status = await new Promise((done) => child.once('close', done));
  // The last line says what is wrong, and which command mends it.
  expect(words.trim().split('\n').at(-1)).toBe(
    'openapi.json and libs/client/src/api.ts are what the gateway describes.',
  );
  expect(status).toBe(0);
});
