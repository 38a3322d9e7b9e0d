import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { assertMigrated, Database, migrate } from '#persistence';
import { createTestDatabase } from '../support/database.js';
import { startPanel } from '../support/panel.js';

test('entities and migrations agree', async () => {
  const { database, close } = await createTestDatabase();
  // The queue's tables are BullMQ's own.
  const changes = await database
    .requireOrm()
    .schema.getUpdateSchemaSQL({ schema: 'public', wrap: false, dropTables: false });
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
    const unmigrated = await Database.open({ url: address, poolSize: 1, onError: () => undefined });
    await expect(assertMigrated(unmigrated)).rejects.toThrow('npm run migrate');
    await unmigrated.close();

    const runs = await Promise.all([migrate(address), migrate(address), migrate(address)]);
    expect(runs.filter((ran) => ran.length > 0)).toHaveLength(1);

    const migrated = await Database.open({ url: address, poolSize: 1, onError: () => undefined });
    await assertMigrated(migrated);
    await migrated.close();
  } finally {
    await server.query(`drop database ${name} with (force)`);
    await server.end();
    await close();
  }
});

test('the recovery codes of sets that are there already are counted', async () => {
  const panel = await startPanel();
  try {
    const [used, whole] = [await panel.totpUser(), await panel.totpUser()];
    for (const recoveryCode of used.recoveryCodes.slice(0, 2)) {
      const id = await panel.challenge(used);
      expect((await panel.call('POST', `/v1/challenges/${id}/verify`, { recoveryCode })).status).toBe(200);
    }
    await panel.sql('alter table recovery_pool drop column codes_left');
    await panel.sql(`delete from migration where name = '2026-11-25-codes-left'`);
    expect(await migrate(panel.databaseUrl)).toEqual(['2026-11-25-codes-left']);
    for (const [user, left] of [
      [used, 8],
      [whole, 10],
    ] as const) {
      const { body } = await panel.call('GET', `${user.path}/recovery-codes`);
      expect(body.left).toBe(left);
    }
    expect(await panel.miscounted()).toEqual([]);
  } finally {
    await panel.stop();
  }
});
