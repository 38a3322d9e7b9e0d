import { expect } from '@jest/globals';
import { call, panel } from './described-panel.js';
import { totp, type EnrolledTotp, type TestUser } from './gateway-harness.js';

/** People whose browsers may be trusted, for the file that imports this. */

export { call, panel };

export const setPolicy = async (user: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy)).status).toBe(200);
};
export const decide = async ({ accountId, userId }: TestUser, more: object = {}) =>
  (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more })).body;
export const list = async (user: TestUser) => (await call('GET', `${user.path}/trusted-browsers`)).body.data;

/** A user under a policy that lets browsers become trusted. */
export async function trustingUser(policy: object = {}): Promise<EnrolledTotp> {
  const user = await panel.totpUser();
  await setPolicy(user, { trustedBrowser: { allowed: true, ...policy } });
  return user;
}

type Owner = Pick<EnrolledTotp, 'deviceId' | 'secret'>;

/** Approves a login by an app, the browser to be trusted. @returns the answer */
export async function login(user: TestUser, by: Owner, context: object = {}, more: object = { rememberBrowser: true }) {
  const { challenge } = await decide(user, { context });
  await panel.sql('update device set last_used_step = null where id = $1', [by.deviceId]);
  const body = { deviceId: by.deviceId, code: totp(by.secret), ...more };
  const answer = await call('POST', `/v1/challenges/${challenge.id}/verify`, body);
  expect(answer).toMatchObject({ status: 200, body: { status: 'approved', proof: expect.any(String) } });
  return answer.body;
}
export const trust = async (user: EnrolledTotp, by: Owner = user): Promise<string> =>
  (await login(user, by)).trustedBrowser;

export async function addApp(user: EnrolledTotp): Promise<Owner> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' }, headers)).body;
  const { secret } = device.totp;
  expect((await call('POST', `/v1/devices/${device.id}/verify`, { code: totp(secret) })).status).toBe(200);
  return { deviceId: device.id, secret };
}

export const revocations = async (user: TestUser) =>
  (
    await panel.sql<{ data: object }>(
      `select data - 'apiKeyId' as data from event where user_id = $1 and type = 'trusted_browser.revoked' order by id`,
      [user.userId],
    )
  ).map(({ data }) => data);
