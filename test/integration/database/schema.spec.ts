import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { assertMigrated, Database, migrate } from '#persistence';
import { createTestDatabase } from '../../support/database.js';
import { startPanel } from '../../support/gateway-harness.js';

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

test('whoever switched off and removed the last device has never enrolled; nobody else is touched', async () => {
  const panel = await startPanel();
  try {
    const [bare, kept, on] = [await panel.totpUser(), await panel.totpUser(), await panel.totpUser()];
    const begun = await panel.user();
    await panel.call('PUT', `/v1/accounts/${begun.accountId}/policy`, {
      recoveryCodes: { acknowledgementRequired: true },
    });
    await panel.call('POST', `${begun.path}/devices`, { method: 'totp', name: 'App' });
    const of = (user: { userId: string }) => `(select id from app_user where external_id = '${user.userId}')`;
    await panel.sql(`update app_user set two_factor_since = null where id in (${of(bare)}, ${of(kept)})`);
    // What was left by the versions before.
    await panel.sql(`delete from device where user_id = ${of(bare)}`);
    await panel.sql(`delete from migration where name = '2026-11-26-orders'`);
    expect(await migrate(panel.databaseUrl)).toEqual(['2026-11-26-orders']);
    const rows = await panel.sql(
      `select u.enrolled_at is not null as enrolled,
         (select count(*)::int from recovery_pool p where p.user_id = u.id) as pools,
         (select count(*)::int from recovery_code r where r.user_id = u.id) as codes
       from app_user u order by u.id`,
    );
    const whole = { enrolled: true, pools: 1, codes: 10 };
    expect(rows).toEqual([
      { enrolled: false, pools: 0, codes: 0 },
      whole,
      whole,
      // Shown by an enrolment that is under way.
      { enrolled: false, pools: 1, codes: 10 },
    ]);
    expect((await panel.call('GET', on.path)).body.twoFactor.status).toBe('enabled');
  } finally {
    await panel.stop();
  }
});
