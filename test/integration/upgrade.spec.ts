import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { Database, grantRights, migrate } from '#persistence';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { hold } from '../support/hold.js';

interface Release {
  readonly migrations: readonly string[];
  readonly statements: Readonly<Record<string, { readonly role: string | null; readonly text: string }>>;
}

let store: TestDatabase;
let server: pg.Client;
let release: Release;
const name = `upgraded_${randomBytes(4).toString('hex')}`;
let url: string;

beforeAll(async () => {
  release = JSON.parse(await readFile(join(import.meta.dirname, 'previous-release.json'), 'utf8')) as Release;
  store = await createTestDatabase();
  server = new pg.Client({ connectionString: store.url });
  await server.connect();
  await server.query(`create database ${name}`);
  const address = new URL(store.url);
  address.pathname = `/${name}`;
  url = address.href;
});
afterAll(async () => {
  await server.query(`drop database ${name} with (force)`);
  await server.end();
  await store.close();
});

test('a database of the release before is migrated while a table is in use, and serves all statements of that release', async () => {
  const old = await Database.open({ url, poolSize: 2, onError: () => undefined });
  await old.requireOrm().migrator.up({ to: release.migrations.at(-1) as string });
  await old.close();

  // Somebody works with a table that is to get an index.
  const holder = await hold(url, `insert into tenant (id, name) values ('tnt_1', 'One')`);
  const upgrade = migrate(url);
  await holder.release();
  const ran = await upgrade;
  expect(ran).not.toEqual([]);
  expect(ran.filter((migration) => release.migrations.includes(migration))).toEqual([]);
  expect(await grantRights(url, url.replace(/^postgres/, 'redis'))).toEqual([]);

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
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
