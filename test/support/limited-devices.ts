import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import { startPanel, type Call, type EnrolledTotp, type TestPanel, type TestUser } from './gateway-harness.js';
import type { Answer } from './system.js';

/** Devices under policies of their accounts at one gateway, for each file that imports this. */

export let panel: TestPanel;
export let call: Call;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = ApiDescription.read().checked(panel.call);
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

let numbers = 0;
const freshPhone = () => `+316${String(52_000_000 + (numbers += 1))}`;
export const phone = (more: object = {}) => ({ method: 'sms', name: 'Phone', phone: freshPhone(), ...more });
export const app = (more: object = {}) => ({ method: 'totp', name: 'App', ...more });

export const setPolicy = async ({ accountId }: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).status).toBe(200);
};
export const addWith = async (user: EnrolledTotp, body: object) =>
  call('POST', `${user.path}/devices`, body, { 'sallyport-proof': await panel.proof(user, 'add_device') });
export const verifyDevice = (id: string, code: string) => call('POST', `/v1/devices/${id}/verify`, { code });
export const devicesOf = async (user: TestUser): Promise<Answer['body'][]> =>
  (await call('GET', `${user.path}/devices`)).body.data;
export const holdUser = ({ userId }: TestUser) => ({
  text: 'select from app_user where external_id = $1 for update',
  values: [userId],
});
