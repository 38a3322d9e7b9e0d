import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { startPanel, totp, type EnrolledTotp, type TestPanel, type TestUser } from './gateway-harness.js';

/** Calls that oppose each other at one gateway, for each file that imports this. */

export let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

/** Another authenticator app of the user. */
export async function addApp(user: EnrolledTotp): Promise<{ deviceId: string; secret: string }> {
  const proof = await panel.proof(user, 'add_device');
  const device = await panel.call(
    'POST',
    `${user.path}/devices`,
    { method: 'totp', name: 'Second' },
    { 'sallyport-proof': proof },
  );
  expect(device.status).toBe(201);
  const { secret } = device.body.totp;
  const verified = await panel.call('POST', `/v1/devices/${device.body.id}/verify`, { code: totp(secret, -1) });
  expect(verified.status).toBe(200);
  return { deviceId: device.body.id, secret };
}

export const remove = (deviceId: string, proof: string) =>
  panel.call('DELETE', `/v1/devices/${deviceId}`, undefined, { 'sallyport-proof': proof });

export const check = (challenge: string, body: object) =>
  panel.call('POST', `/v1/challenges/${challenge}/verify`, body);
export const holdChallenge = (id: string) => ({ text: 'select from challenge where id = $1 for update', values: [id] });

export async function devicesOf(user: TestUser) {
  const { body } = await panel.call('GET', `${user.path}/devices`);
  return body.data as { id: string; status: string; isDefault: boolean }[];
}
