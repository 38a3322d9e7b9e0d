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

test('a migration that PostgreSQL gives up, to end a deadlock with somebody at work, is done again', async () => {
  const fresh = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: fresh.url });
  try {
    await migrate(fresh.url);
    await client.connect();
    const name = new URL(fresh.url).pathname.slice(1);
    // The migration looks for deadlocks before its wait ends, and the one at work does not.
    await client.query(`alter database "${name}" set deadlock_timeout = '100ms'`);
    await client.query(`set deadlock_timeout = '60s'`);
    await client.query('begin; select from challenge');
    const upgrade = migrate(fresh.url, nextRelease);
    const waits = `select from pg_locks where relation = 'challenge'::regclass and not granted`;
    const watcher = new pg.Client({ connectionString: fresh.url });
    await watcher.connect();
    while ((await watcher.query(waits)).rowCount === 0);
    await watcher.end();
    await client.query('select from tenant');
    await client.query('commit');
    expect(await upgrade).toEqual(nextRelease.map(({ name: migration }) => migration));
    const { rows } = await client.query(`select deadlocks > 0 as seen from pg_stat_database where datname = $1`, [
      name,
    ]);
    expect(rows).toEqual([{ seen: true }]);
  } finally {
    await client.end();
    await fresh.close();
  }
});
