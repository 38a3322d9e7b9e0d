import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { formatVkey } from '#audit-log';
import { temporaryFolder } from '../../../test/support/witness.js';
import { WitnessStore } from './witness-store.js';

const name = 'witness.example/w1';
const origin = '2fa.example.com/audit/tnt_1';
const head = (size: number, byte: number) => ({ size, root: Buffer.alloc(32, byte) });
const fileIn = (folder: string) => join(folder, 'witness.sqlite');

describe('what a witness keeps', () => {
  it('is its key, which is made once, and for its owner only', async () => {
    const folder = join(temporaryFolder(), 'new', 'folder');
    const store = await WitnessStore.open(folder, name);
    store.close();
    const again = await WitnessStore.open(folder, name);
    expect(formatVkey(again.key)).toBe(formatVkey(store.key));
    expect(again.key).toMatchObject({ name, type: 'cosignature/v1' });
    again.close();
    expect([fileIn(folder), folder].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
    await expect(WitnessStore.open(folder, 'witness.example/w2')).rejects.toThrow(
      'WITNESS_NAME is not witness.example/w1, whose key is in ',
    );
  });

  it('changes only from what it was', async () => {
    const folder = temporaryFolder();
    const store = await WitnessStore.open(folder, name);
    expect(store.find(origin)).toBeUndefined();
    expect(store.advance(origin, head(3, 1), head(4, 2))).toBe(false);
    expect(store.advance(origin, undefined, head(5, 5))).toBe(true);
    expect(store.advance(origin, undefined, head(6, 6))).toBe(false);
    expect(store.advance(origin, head(5, 6), head(6, 6))).toBe(false);
    expect(store.advance(origin, head(4, 5), head(6, 6))).toBe(false);
    expect(store.advance('another.example/log', head(5, 5), head(6, 6))).toBe(false);
    expect(store.advance(origin, head(5, 5), head(2 ** 53 - 1, 7))).toBe(true);
    store.close();
    const again = await WitnessStore.open(folder, name);
    expect(again.find(origin)).toEqual({ size: 2 ** 53 - 1, root: new Uint8Array(32).fill(7) });
    expect(again.count()).toBe(1);
    again.close();
  });

  it('is of one process at a time', async () => {
    const folder = temporaryFolder();
    const store = await WitnessStore.open(folder, name);
    await expect(WitnessStore.open(folder, name)).rejects.toThrow('is used by another witness');
    // Neither is it read by others, who would see it between two states.
    const other = new DatabaseSync(fileIn(folder));
    expect(() => other.prepare('SELECT * FROM log').all()).toThrow('locked');
    other.close();
    store.close();
    (await WitnessStore.open(folder, name)).close();
  });

  it('is begun anew where the first start did not come to its end', async () => {
    const folder = temporaryFolder();
    writeFileSync(fileIn(folder), '');
    (await WitnessStore.open(folder, name)).close();
  });

  it.each<[string, (file: string) => void, string]>([
    ['is something else', (file) => writeFileSync(file, 'x'.repeat(10_000)), 'is damaged'],
    ['was cut', (file) => truncateSync(file, 5000), 'is damaged'],
    ['has lost its key', (file) => change(file, 'DELETE FROM identity'), 'is damaged'],
    ['is of a release to come', (file) => change(file, 'PRAGMA user_version = 2'), 'was made by a newer release'],
  ])('is not used where the file %s', async (_, spoil, words) => {
    const folder = temporaryFolder();
    (await WitnessStore.open(folder, name)).close();
    spoil(fileIn(folder));
    await expect(WitnessStore.open(folder, name)).rejects.toThrow(words);
    // It has let go of the file.
    await expect(WitnessStore.open(folder, name)).rejects.toThrow(words);
  });

  it.each(['/proc/x', '/dev/null', '/dev/null/x'])('is not kept in %s', async (folder) => {
    await expect(WitnessStore.open(folder, name)).rejects.toThrow(`WITNESS_DATA_DIR names ${folder}`);
  });
});

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}
