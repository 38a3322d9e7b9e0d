import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { grantRights, migrate } from '#persistence';
import { createEmptyDatabase, type EmptyDatabase } from '../../support/database.js';
import { hold } from '../../support/hold.js';
import { nextRelease } from '../../support/next-release.js';

interface Release {
  readonly migrations: readonly string[];
  readonly statements: Readonly<Record<string, { readonly role: string | null; readonly text: string }>>;
}

let store: EmptyDatabase;
let release: Release;
let url: string;

beforeAll(async () => {
  release = JSON.parse(await readFile(join(import.meta.dirname, 'previous-release.json'), 'utf8')) as Release;
  store = await createEmptyDatabase();
  url = store.url;
});
afterAll(() => store.close());

test('a database of the release before is migrated while a table is in use, and serves all statements of that release', async () => {
  expect(await migrate(url)).toEqual(release.migrations);

  // Somebody works with a table that is to get an index.
  const holder = await hold(url, `insert into tenant (id, name) values ('tnt_1', 'One')`);
  const upgrade = migrate(url, nextRelease);
  await holder.release();
  const ran = await upgrade;
  expect(ran).toEqual(nextRelease.map(({ name }) => name));
  expect(ran.filter((migration) => release.migrations.includes(migration))).toEqual([]);
  expect(await grantRights(url, url.replace(/^postgres/, 'redis'))).toEqual([]);

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const made = await client.query(`select from pg_indexes where indexname like '%\\_next\\_index'`);
    expect(made.rowCount).toBe(3);
    const invalid = await client.query('select indexrelid::regclass from pg_index where not indisvalid');
    expect(invalid.rows).toEqual([]);
    const locks = await client.query(`select from pg_locks where locktype = 'advisory' and database = (
      select oid from pg_database where datname = current_database())`);
    expect(locks.rowCount).toBe(0);
    const refused: string[] = [];
    expect(Object.keys(release.statements).length).toBeGreaterThan(100);
    for (const [statement, { role, text }] of Object.entries(release.statements)) {
      await client.query('begin');
      try {
        if (role !== null) await client.query(`set local role ${role}`);
        await client.query(`explain (generic_plan) ${text}`);
      } catch (error) {
        refused.push(`${statement}: ${(error as Error).message}`);
      } finally {
        await client.query('rollback');
      }
    }
    expect(refused).toEqual([]);
  } finally {
    await client.end();
  }
});
