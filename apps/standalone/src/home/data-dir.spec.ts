import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { replaceWhole } from '#runtime';
import { ownKeyFile, prepareDataDir, takeDataDir } from './data-dir.js';

describe('the data directory', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'sallyport-data-dir-'));
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  it('serves one at a time', async () => {
    const first = await takeDataDir(path);
    await expect(takeDataDir(path)).rejects.toThrow(`in use by process ${process.pid}`);
    await first.release();
    await (await takeDataDir(path)).release();
  });

  it('is taken over from a process that has gone', async () => {
    const { pid } = spawnSync('true');
    await writeFile(join(path, 'lock'), `${pid} 12345\n`);
    await (await takeDataDir(path)).release();
  });

  it('is taken over when the id belongs to another process by now', async () => {
    await writeFile(join(path, 'lock'), `${process.pid} 1\n`);
    const before = process.platform === 'linux' ? takeDataDir(path) : Promise.resolve({ release: () => undefined });
    await (await before).release();
  });

  it('goes to one of many that find a dead lock', async () => {
    await writeFile(join(path, 'lock'), '');
    const tries = await Promise.allSettled(Array.from({ length: 16 }, () => takeDataDir(path)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is named where it cannot be had', async () => {
    const [file, link] = [join(path, 'file'), join(path, 'link')];
    await writeFile(file, '');
    await symlink('/nowhere/at/all', link);
    const long = join(tmpdir(), 'x'.repeat(300));
    const before = process.env['SALLYPORT_DATA_DIR'];
    for (const wrong of ['/proc/x', '/proc/x/y', '/sys/x', file, join(file, 'x'), link, long]) {
      process.env['SALLYPORT_DATA_DIR'] = wrong;
      await expect(prepareDataDir()).rejects.toThrow(
        `SALLYPORT_DATA_DIR names ${wrong}, which cannot be created or used (E`,
      );
    }
    if (before === undefined) delete process.env['SALLYPORT_DATA_DIR'];
    else process.env['SALLYPORT_DATA_DIR'] = before;
  });

  it('gets one key file, for its owner only', async () => {
    const [one, two] = await Promise.all([ownKeyFile(path), ownKeyFile(path)]);
    expect(one).toBe(two);
    expect((await stat(one)).mode & 0o777).toBe(0o600);
    const before = await readFile(one, 'utf8');
    expect(await readFile(await ownKeyFile(path), 'utf8')).toBe(before);
  });

  it('replaces a file whole', async () => {
    const file = join(path, 'quickstart.json');
    await replaceWhole(file, 'one');
    await replaceWhole(file, 'two');
    expect(await readFile(file, 'utf8')).toBe('two');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
