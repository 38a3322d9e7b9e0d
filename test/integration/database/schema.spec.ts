import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { assertMigrated, Database, migrate } from '#persistence';
import { createTestDatabase } from '../../support/database.js';

test('entities and migrations agree', async () => {
  const { database, close } = await createTestDatabase();
  // The queue's tables are BullMQ's own.
  const { mikro } = await database.orm();
  const changes = await mikro.schema.getUpdateSchemaSQL({ schema: 'public', wrap: false, dropTables: false });
  expect(changes.trim()).toBe('');
  await close();
});

test('of three migrations started at once on an empty database, one runs', async () => {
  const { url, close } = await createTestDatabase();
  const name = `empty_${randomBytes(4).toString('hex')}`;
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(`create database ${name}`);
  const empty = new URL(url);
  empty.pathname = `/${name}`;
  const address = empty.toString();
  try {
    const unmigrated = Database.open({ url: address, poolSize: 1, onError: () => undefined });
    await expect(assertMigrated(unmigrated)).rejects.toThrow('npm run migrate');
    await unmigrated.close();

    const runs = await Promise.all([migrate(address), migrate(address), migrate(address)]);
    expect(runs.filter((ran) => ran.length > 0)).toHaveLength(1);

    const migrated = Database.open({ url: address, poolSize: 1, onError: () => undefined });
    await assertMigrated(migrated);
    await migrated.close();
  } finally {
    await server.query(`drop database ${name} with (force)`);
    await server.end();
    await close();
  }
});

test('a database of before the first release is refused in words, and stays as it is', async () => {
  const { url, database, close } = await createTestDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`update migration set name = '2026-11-22-initial-schema'`);
    await expect(migrate(url)).rejects.toThrow('from before the first release and cannot be updated. Use an empty');
    await expect(assertMigrated(database)).rejects.toThrow('npm run migrate');
    expect((await client.query('select name from migration')).rows).toEqual([{ name: '2026-11-22-initial-schema' }]);
  } finally {
    await client.end();
    await close();
  }
});
