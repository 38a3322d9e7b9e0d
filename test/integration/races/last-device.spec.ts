import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startPanel, totp, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import { raceBehind, tally } from '../../support/parallel.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

/** A user who has switched off and kept one app. */
async function keptUser(): Promise<EnrolledTotp> {
  const user = await panel.totpUser();
  const headers = { 'sallyport-proof': await panel.proof(user, 'disable') };
  expect((await panel.call('PUT', `${user.path}/two-factor`, { enabled: false }, headers)).status).toBe(200);
  return user;
}

async function begin(user: EnrolledTotp): Promise<{ id: string; secret: string }> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const body = { method: 'totp', name: 'Second' };
  const { id, totp: app } = (await panel.call('POST', `${user.path}/devices`, body, headers)).body;
  return { id, secret: app.secret };
}

const remove = (id: string) => panel.call('DELETE', `/v1/devices/${id}`);
const verify = ({ id, secret }: { id: string; secret: string }) =>
  panel.call('POST', `/v1/devices/${id}/verify`, { code: totp(secret) });
const importSeed = ({ path }: EnrolledTotp) =>
  panel.call('POST', `${path}/devices/import`, { name: 'Old app', secret: 'A'.repeat(32) });
const holdUser = ({ userId }: EnrolledTotp) => ({
  text: 'select from app_user where external_id = $1 for update',
  values: [userId],
});

/** What docs/states.md says holds always. */
async function stateOf(user: EnrolledTotp) {
  const [row] = await panel.sql<{ on: boolean; enrolled: boolean; proved: boolean; codes: boolean }>(
    `select u.two_factor_since is not null as on, u.enrolled_at is not null as enrolled,
       exists (select from device d where d.user_id = u.id and d.verified_at is not null) as proved,
       exists (select from recovery_pool p where p.user_id = u.id and p.enrolment_device_id is null) as codes
     from app_user u where u.external_id = $1`,
    [user.userId],
  );
  expect(row?.enrolled).toBe(row?.proved);
  return row;
}

describe('the last device of a user who has switched off is removed', () => {
  test('while another is imported, which the removal cannot see yet: the user stays enrolled', async () => {
    const user = await keptUser();
    const answers = await raceBehind(
      panel,
      holdUser(user),
      { waiting: 1, start: () => [importSeed(user)] },
      { waiting: 2, start: () => [remove(user.deviceId)] },
    );
    expect(tally(answers)).toEqual({ '201': 1, '204': 1 });
    expect(await stateOf(user)).toEqual({ on: false, enrolled: true, proved: true, codes: true });
  });

  test('and another is imported after it: a first one', async () => {
    const user = await keptUser();
    const answers = await raceBehind(
      panel,
      holdUser(user),
      { waiting: 1, start: () => [remove(user.deviceId)] },
      { waiting: 2, start: () => [importSeed(user)] },
    );
    expect(tally(answers)).toEqual({ '201': 1, '204': 1 });
    expect(await stateOf(user)).toEqual({ on: true, enrolled: true, proved: true, codes: false });
  });

  test('against the verification of another: it stays the last, or is not', async () => {
    const begun = await Promise.all([keptUser(), keptUser()]);
    for (const [index, user] of begun.entries()) {
      const second = await begin(user);
      const acts = [() => [remove(user.deviceId)], () => [verify(second)]];
      const [first, then] = index === 0 ? acts : acts.toReversed();
      if (!first || !then) throw new Error('There are two.');
      const answers = await raceBehind(
        panel,
        holdUser(user),
        { waiting: 1, start: first },
        { waiting: 2, start: then },
      );
      expect(tally(answers)).toEqual(index === 0 ? { '204': 1, '404 not_found': 1 } : { '200': 1, '204': 1 });
      const kept = index === 1;
      expect(await stateOf(user)).toEqual({ on: false, enrolled: kept, proved: kept, codes: kept });
    }
  });

  test('against switching on: on with it, or off without it', async () => {
    const users = await Promise.all([keptUser(), keptUser()]);
    for (const [index, user] of users.entries()) {
      const on = () => [panel.call('PUT', `${user.path}/two-factor`, { enabled: true })];
      const acts = [() => [remove(user.deviceId)], on];
      const [first, then] = index === 0 ? acts : acts.toReversed();
      if (!first || !then) throw new Error('There are two.');
      const answers = await raceBehind(
        panel,
        holdUser(user),
        { waiting: 1, start: first },
        { waiting: 2, start: then },
      );
      expect(tally(answers)).toEqual(
        index === 0 ? { '204': 1, '409 device_not_verified': 1 } : { '200': 1, '409 last_device': 1 },
      );
      const kept = index === 1;
      expect(await stateOf(user)).toEqual({ on: kept, enrolled: kept, proved: kept, codes: kept });
    }
  });

  test('between the look at the code of another and its charge: what it had allowed ends with it', async () => {
    const user = await keptUser();
    const second = await begin(user);
    const client = new pg.Client({ connectionString: panel.databaseUrl, application_name: 'test-race' });
    await client.connect();
    try {
      await client.query('begin');
      const userRef = await client.query(`select id from app_user where external_id = $1 for update`, [user.userId]);
      const verified = verify(second);
      for (let waiting = 0; waiting === 0;) {
        await sleep(10);
        const [row] = await panel.sql<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        waiting = row?.n ?? 0;
      }
      // What a removal leaves that began before this enrolment did, and so did not see it.
      await client.query('delete from device where id = $1', [user.deviceId]);
      const values = [userRef.rows[0].id];
      await client.query('delete from recovery_pool where user_id = $1', values);
      await client.query('update app_user set enrolled_at = null where id = $1', values);
      await client.query('commit');
      const answer = await verified;
      expect(answer).toMatchObject({ status: 410, body: { code: 'enrolment_expired' } });
      expect(await stateOf(user)).toEqual({ on: false, enrolled: false, proved: false, codes: false });
    } finally {
      await client.end();
    }
  });
});

test('where the company requires two-factor authentication, removing a device takes a proof though it is off', async () => {
  const user = await keptUser();
  const required = { twoFactor: { required: 'all' } };
  await panel.call('PUT', `/v1/accounts/${user.accountId}/policy`, required);
  expect(await remove(user.deviceId)).toMatchObject({ status: 422, body: { code: 'proof_required' } });
  const headers = { 'sallyport-proof': await panel.proof(user, 'remove_device') };
  expect((await panel.call('DELETE', `/v1/devices/${user.deviceId}`, undefined, headers)).status).toBe(204);
  const { accountId, userId } = user;
  const decided = await panel.call('POST', '/v1/challenges', { accountId, userId });
  expect(decided.body).toMatchObject({ decision: 'enroll', reason: 'required_by_policy' });
  // Who has never enrolled is asked for none: there is nothing that could give it.
  const { id } = (await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
  await panel.sql(`update device set status = 'disabled' where id = $1`, [id]);
  expect((await remove(id)).status).toBe(204);
});
