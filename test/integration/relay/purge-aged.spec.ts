import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { newId } from '#contracts';
import { purgeExpired } from '../../../apps/relay/src/purge-expired.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let store: TestDatabase;
let sql: pg.Client;
beforeAll(async () => {
  store = await createTestDatabase();
  sql = new pg.Client(store.url);
  await sql.connect();
  await sql.query(`insert into tenant (id, name) values ('tnt_1', 'one')`);
  await sql.query(`insert into account (id, tenant_id, external_id) values ('acc_1', 'tnt_1', 'customer 7')`);
  await sql.query(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
     values ('usr_1', 'tnt_1', 'acc_1', 'person 8', 'person', '', '')`,
  );
});
afterAll(async () => {
  await sql.end();
  await store.close();
});

test('keeps challenges and deliveries for a hundred days, and what is still to be sent', async () => {
  const at = (days: number) => Date.now() - days * 86_400_000;
  const kept: string[] = [];
  for (const [days, status, stays] of [
    [101, 'sent', false],
    [101, 'queued', true],
    [99, 'sent', true],
  ] as const) {
    const [challenge, delivery] = [newId('challenge', at(days)), newId('delivery', at(days))];
    if (stays) kept.push(delivery, ...(days < 100 ? [challenge] : []));
    await sql.query(
      `insert into challenge (id, tenant_id, user_id, purpose, max_checks, status, expires_at)
       values ($1, 'tnt_1', 'usr_1', 'login', 5, 'approved', $2)`,
      [challenge, new Date(at(days))],
    );
    await sql.query(
      `insert into delivery (id, tenant_id, user_id, channel, kind, status, expires_at)
       values ($1, 'tnt_1', 'usr_1', 'sms', 'code', $2, $3)`,
      [delivery, status, new Date(at(days))],
    );
    await sql.query(`insert into delivery_attempt (delivery_id, number, provider) values ($1, 1, 'vonage')`, [
      delivery,
    ]);
  }
  expect(await purgeExpired(store.database)).toMatchObject({ removed: 3 });
  const left = await sql.query<{ id: string }>('select id from challenge union all select id from delivery');
  expect(left.rows.map(({ id }) => id).toSorted()).toEqual(kept.toSorted());
  expect((await sql.query('select from delivery_attempt')).rows).toHaveLength(2);
});
