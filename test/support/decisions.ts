import { expect } from '@jest/globals';
import { call, panel } from './described-panel.js';
import type { TestUser } from './gateway-harness.js';

/** Decisions before login at one gateway, for each file that imports this. */

export { call, panel };

let numbers = 0;
const phone = () => `+316${String(42_000_000 + (numbers += 1))}`;

export const setPolicy = async (user: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy)).status).toBe(200);
};

export async function decide(user: TestUser, more: object = {}) {
  const { accountId, userId } = user;
  const answer = await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more });
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 201 });
  return answer.body;
}

/** Adds and proves a device that gets codes by message. */
export async function addMessageDevice(
  user: TestUser,
  method: 'sms' | 'email',
  headers: Record<string, string> = {},
): Promise<string> {
  const address = method === 'sms' ? { phone: phone() } : { email: 'name@panel.example' };
  const added = await call('POST', `${user.path}/devices`, { method, name: method, ...address }, headers);
  expect(added.status).toBe(201);
  const code = await panel.sentCode(added.body.id);
  expect((await call('POST', `/v1/devices/${added.body.id}/verify`, { code })).status).toBe(200);
  return added.body.id;
}

/** Users as the decision finds them. */
export const users = {
  /** Two-factor authentication off. */
  off: () => panel.user(),
  service: () => panel.user(panel, { kind: 'service' }),
  /** On, with an app and recovery codes. */
  on: () => panel.totpUser(),
  sms: async () => {
    const user = await panel.user();
    return { ...user, deviceId: await addMessageDevice(user, 'sms') };
  },
  lockedDevice: async () => {
    const user = await panel.totpUser();
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    return user;
  },
  allLocked: async () => {
    const user = await users.lockedDevice();
    await panel.sql('delete from recovery_pool where user_id = (select user_id from device where id = $1)', [
      user.deviceId,
    ]);
    return user;
  },
  disabled: async () => {
    const user = await panel.totpUser();
    await panel.sql(`update device set status = 'disabled' where id = $1`, [user.deviceId]);
    return user;
  },
  disabledWithoutCodes: async () => {
    const user = await users.disabled();
    await panel.sql('delete from recovery_pool where user_id = (select user_id from device where id = $1)', [
      user.deviceId,
    ]);
    return user;
  },
  /** On, and nothing left to check: what a row deleted by hand leaves. */
  bare: async () => {
    const user = await users.disabledWithoutCodes();
    await panel.sql('delete from device where id = $1', [user.deviceId]);
    return user;
  },
};
export const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
