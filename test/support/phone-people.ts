import { afterAll, beforeAll, expect } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import { startPanel, type Call, type EnrolledTotp, type TestPanel, type TestUser } from './gateway-harness.js';

/** People with phones at one gateway, for each file that imports this. */

export let panel: TestPanel;
export let call: Call;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = ApiDescription.read().checked(panel.call);
});
afterAll(() => panel.stop());

let numbers = 0;
export const freshPhone = () => `+316${String(15_000_000 + (numbers += 1))}`;

export interface PhoneUser extends EnrolledTotp {
  readonly phoneId: string;
  readonly phone: string;
}

/** A user with an authenticator app, for proofs, and a verified phone. */
export async function phoneUser(policy: object = {}): Promise<PhoneUser> {
  const user = await panel.totpUser();
  await setPolicy(user, policy);
  const phone = freshPhone();
  const body = { method: 'sms', name: 'Phone', phone };
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const { id } = (await call('POST', `${user.path}/devices`, body, headers)).body;
  expect((await verify(id, await panel.sentCode(id))).status).toBe(200);
  return { ...user, phoneId: id, phone };
}

export const setPolicy = async ({ accountId }: TestUser, policy: object) =>
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).status).toBe(200);
export const verify = (id: string, code: string, more: object = {}) =>
  call('POST', `/v1/devices/${id}/verify`, { code, ...more });
export const show = async (id: string) => (await call('GET', `/v1/devices/${id}`)).body;
export const put = (id: string, phone: string, proof?: string) =>
  call('PUT', `/v1/devices/${id}/phone`, { phone }, proof === undefined ? {} : { 'sallyport-proof': proof });
export const change = async (user: PhoneUser, phone = freshPhone()) =>
  put(user.phoneId, phone, await panel.proof(user, 'change_phone'));
