import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readMutants } from '../support/mutants.js';

const root = resolve(import.meta.dirname, '../..');
const mutants = readMutants();

/** The list is run now and then only (`npm run test:mutants`): here it can't rot unseen. */
describe('the bugs that are planted', () => {
  it('are forty at least, each of a name and a sentence of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    for (const one of [mutants.map(({ name }) => name), mutants.map(({ bug }) => bug)]) {
      expect(one.filter((text, index) => one.indexOf(text) !== index)).toEqual([]);
    }
    expect(mutants.filter(({ name, bug }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || !bug.endsWith('.'))).toEqual([]);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s can be planted', (_, mutant) => {
    const { file, spec, changes } = mutant;
    expect(existsSync(join(root, spec))).toBe(true);
    expect(spec).toMatch(/^(apps|libs|test\/integration|test\/system)\/.*\.spec\.ts$/);
    // In the program, not in its tests.
    expect(changes.filter((path) => !/^(apps|libs)\//.test(path) || path.includes('.spec.'))).toEqual([]);
    const { status, stderr } = spawnSync('git', ['apply', '--check', file], { cwd: root });
    expect({ status, words: stderr.toString() }).toEqual({ status: 0, words: '' });
  });
});
