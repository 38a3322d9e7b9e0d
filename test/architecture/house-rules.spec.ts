import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { memoryFlags } from '../support/memory-flags.js';
import { declaration, findAll, readSources } from '../support/sources.js';

const sources = readSources();

const declares = (text: string) => text.search(declaration) >= 0;

/** Files that may have more than 300 lines, and why. */
const longFiles = {
  'libs/client/src/api.ts': 'generated',
  'libs/persistence/src/migrations/2026-11-27-schema.ts': 'the schema, a column a line',
};

const specsIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.spec.ts'))
    .map((path) => join(folder, path));

describe('the house', () => {
  it('reads the environment in one place', () => {
    const readers = sources.filter(({ text }) => /process\s*\.\s*env|process\[/.test(text)).map(({ path }) => path);
    expect(readers.filter((path) => !/^libs\/runtime\/src\/(read-settings|settings|keys)\.ts$/.test(path))).toEqual([]);
  });

  it('names each statement once', () => {
    // Those of one process are compared when it starts; this compares all.
    const names = findAll(sources, declaration).flatMap(({ found }) => found || []);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThan(100);
  });

  it('declares statements in files of their own, beside who uses them', () => {
    const elsewhere = sources.filter(({ path, text }) => !path.endsWith('.sql.ts') && declares(text));
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
    expect(sources.filter(({ text }) => declares(text)).length).toBeGreaterThan(30);
  });

  it('writes events in one place: no statement may leave one out, or a job that it starts', () => {
    const writers = sources.filter(({ text }) => /insert\s+into\s+event\b/i.test(text)).map(({ path }) => path);
    expect(writers).toEqual(['libs/persistence/src/events.ts']);
  });

  it('reads values of an account’s policy in one place: each may be out of force', () => {
    const reads = /\b(a|account)\.policy\s*(#>|->|@>|\?)/;
    expect(sources.filter(({ text }) => reads.test(text)).map(({ path }) => path)).toEqual([
      'apps/gateway/src/policy/policy-value.ts',
    ]);
  });

  it('leaves the database to services: a controller has none', () => {
    const controllers = sources.filter(({ path }) => path.endsWith('.controller.ts'));
    const asking = controllers.filter(({ text }) => /\bDatabase\b|\.sql\.js'/.test(text));
    expect(asking.map(({ path }) => path)).toEqual([]);
    expect(controllers.length).toBeGreaterThan(10);
  });

  it('names files in kebab case, by what they do', () => {
    const names = sources.map(({ path }) => path.split('/').at(-1) ?? '');
    expect(names.filter((name) => !/^(\d{4}-\d\d-\d\d-)?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?\.ts$/.test(name))).toEqual(
      [],
    );
    expect(names.filter((name) => /(manager|helper|util|common)/.test(name))).toEqual([]);
  });

  it('keeps files under 300 lines', () => {
    const lines = (text: string) => text.split('\n').length - 1;
    const long = readSources(['.ts', '.tsx']).filter(({ text }) => lines(text) > 300);
    // A file that has become short is struck from the list: it may not grow again.
    expect(long.map(({ path }) => path).toSorted()).toEqual(Object.keys(longFiles).toSorted());
  });

  it('says in docs/architecture.md what each of its folders is', () => {
    const folders = new Set(sources.map(({ path }) => path.split('/').slice(0, 2).join('/')));
    const page = readFileSync(join(import.meta.dirname, '../../docs/architecture.md'), 'utf8');
    expect([...folders].filter((folder) => !page.includes(`\`${folder}\``))).toEqual([]);
    expect(folders.size).toBeGreaterThan(10);
  });

  it('cuts its tests by subject: none has more than 300 lines', () => {
    const files = ['apps', 'libs', 'test'].flatMap((folder) => specsIn(join(import.meta.dirname, '../..', folder)));
    const long = files.filter((path) => readFileSync(path, 'utf8').split('\n').length > 301);
    // One user's whole way, so that each thing that is planted on it is looked for everywhere.
    expect(long.filter((path) => !path.endsWith('/processes/secrets.spec.ts'))).toEqual([]);
    expect(files.length).toBeGreaterThan(150);
  });

  it('starts every app by a script of its own', () => {
    // `exec`: npm sends signals to its shell, and a shell that stays would die of them alone.
    const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
    const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
    const apps = sources.flatMap(({ path }) => /^apps\/([^/]+)\/src\/main\.ts$/.exec(path)?.[1] ?? []);
    const wanted = apps.map((app) => {
      const name = app === 'standalone' ? 'start' : `start:${app}`;
      return [name, ['exec node', ...memoryFlags(name), `scripts/start.js ${app}/main`].join(' ')];
    });
    expect(wanted.map(([name = '']) => [name, scripts[name]])).toEqual(wanted);
  });
});
