import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { happen, store } from '../../support/signed-log.js';
import { canMount, growDisk, mountDisk, unmountDisk } from '../../support/small-disk.js';

const entries = 9000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-room-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @param blocks of 512 bytes (some shells: 1,024) that a file may have; none is without a bound */
async function exportTo(out: string, args: readonly string[], blocks?: number) {
  const limit = blocks === undefined ? '' : `ulimit -f ${blocks}; `;
  const command = [process.execPath, 'scripts/start.js', 'standalone/admin', 'audit', 'export', '--tenant', 'tnt_1'];
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command, '--out', out, ...args], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { PATH: process.env['PATH'], DATABASE_URL: store.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { stderr, status: status as number };
}

/** What is there when it had no room: whole pages, and the place after them. */
async function expectKept(out: string): Promise<void> {
  const place = JSON.parse(await readFile(`${out}.part.json`, 'utf8')) as { sequence: number; bytes: number };
  expect(place.sequence).toBeGreaterThanOrEqual(2000);
  expect(place.sequence).toBeLessThan(entries);
  expect((await stat(`${out}.part`)).size).toBe(place.bytes);
}

const words = (out: string, code: string) =>
  `admin: there is no room for ${out} (${code}). Make room and run it again with --resume.\n`;

describe('an export that has no room', () => {
  test.each(['ndjson', 'csv'])('says so, keeps what it wrote, and goes on: %s', async (format) => {
    await happen(entries);
    const whole = join(folder, `whole.${format}`);
    expect(await exportTo(whole, ['--format', format])).toMatchObject({ status: 0 });
    const bytes = (await stat(whole)).size;
    const out = join(folder, `log.${format}`);
    // More than one page of five, whatever a block is.
    const blocks = Math.floor((bytes * 0.45) / 512);
    expect(await exportTo(out, ['--format', format], blocks)).toMatchObject({ status: 1, stderr: words(out, 'EFBIG') });
    await expectKept(out);
    // Still none: it says so again, and loses nothing.
    expect((await exportTo(out, ['--format', format, '--resume'], blocks)).stderr).toBe(words(out, 'EFBIG'));
    await expectKept(out);
    expect(await exportTo(out, ['--format', format, '--resume'])).toMatchObject({ status: 0 });
    expect((await readFile(out)).equals(await readFile(whole))).toBe(true);
  });

  (canMount() ? test : test.skip)('on a disk that is full, too', async () => {
    await happen(entries);
    const mounted = mountDisk(2);
    if (!('path' in mounted)) throw new Error(mounted.refusal);
    try {
      const out = join(mounted.path, 'log.ndjson');
      expect(await exportTo(out, [])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(words(out, 'ENOSPC')),
      });
      await expectKept(out);
      growDisk(mounted.path, 100);
      expect(await exportTo(out, ['--resume'])).toMatchObject({ status: 0 });
      const lines = (await readFile(out, 'utf8')).split('\n');
      expect(lines.slice(0, -1).map((line) => (JSON.parse(line) as { index: number }).index)).toEqual(
        Array.from({ length: entries }, (_, index) => index),
      );
    } finally {
      unmountDisk(mounted.path);
    }
  });
});
