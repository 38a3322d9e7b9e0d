import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { startPanel, totp, type EnrolledTotp, type TestPanel, type TestUser } from './gateway-harness.js';
import type { Answer } from './system.js';
import { raceBehind } from './parallel.js';

/** What takes a second factor away, and what holds it up, for the file that imports this. */

export let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

export const setPolicy = (user: TestUser, policy: object) =>
  panel.call('PUT', `/v1/accounts/${user.accountId}/policy`, policy);
export const off = (user: TestUser, proof: string) =>
  panel.call('PUT', `${user.path}/two-factor`, { enabled: false }, { 'sallyport-proof': proof });
export const on = (user: TestUser) => panel.call('PUT', `${user.path}/two-factor`, { enabled: true });
export const reset = (user: TestUser) => panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' });
export const shown = async (user: TestUser) => (await panel.call('GET', user.path)).body;
export const decide = async ({ accountId, userId }: TestUser, more: object = {}) =>
  (await panel.call('POST', '/v1/challenges', { accountId, userId, ...more })).body;

/** Runs the calls one behind the other, each waiting for a lock before the next begins. */
export const oneByOne = (hold: { text: string; values: unknown[] }, ...calls: (() => Promise<Answer>)[]) =>
  raceBehind(panel, hold, ...calls.map((start, index) => ({ waiting: index + 1, start: () => [start()] })));

/** Another authenticator app, not verified yet. */
export async function beginApp(user: EnrolledTotp): Promise<{ id: string; secret: string }> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const { id, totp: made } = (
    await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' }, headers)
  ).body;
  return { id, secret: made.secret };
}
export const prove = ({ id, secret }: { id: string; secret: string }) =>
  panel.call('POST', `/v1/devices/${id}/verify`, { code: totp(secret) });

export const rowsOf = async (user: TestUser) => {
  const counts = ['device', 'recovery_pool', 'recovery_code', 'trusted_browser'].map(
    (table) => `(select count(*)::int from ${table} x where x.user_id = u.id) as "${table}"`,
  );
  const [row] = await panel.sql(`select ${counts.join(', ')} from app_user u where external_id = $1`, [user.userId]);
  return row;
};
