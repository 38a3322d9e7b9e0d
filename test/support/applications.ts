import { expect } from '@jest/globals';
import { call, panel } from './described-panel.js';
import { totp, type EnrolledTotp } from './gateway-harness.js';
import type { Answer } from './system.js';

/** Devices that serve some applications only, for the file that imports this. */

export { call, panel };

interface App {
  readonly deviceId: string;
  readonly secret: string;
}
export const app = (more: object = {}) => ({ method: 'totp', name: 'App', ...more });
let numbers = 0;
export const phone = (more: object = {}) => ({
  method: 'sms',
  name: 'Phone',
  phone: `+316${String(48_000_000 + (numbers += 1))}`,
  ...more,
});

/** Approves a challenge of an application. @returns the header with its proof */
export async function proved(
  user: EnrolledTotp,
  by: App,
  purpose: string,
  application = 'emergency',
): Promise<Record<string, string>> {
  await panel.sql('update device set last_used_step = null where id = $1', [by.deviceId]);
  const id = await panel.challenge(user, { purpose, application });
  const body = { deviceId: by.deviceId, code: totp(by.secret) };
  const answer = await call('POST', `/v1/challenges/${id}/verify`, body);
  expect(answer.status).toBe(200);
  return { 'sallyport-proof': answer.body.proof };
}

export const add = (user: EnrolledTotp, body: object, headers: Record<string, string> = {}) =>
  call('POST', `${user.path}/devices`, body, headers);

/** An app that serves some applications only, allowed by one that serves all. */
export async function limitedApp(user: EnrolledTotp, ...applications: string[]): Promise<App> {
  const { id, totp: shown } = (await add(user, app({ applications }), await proved(user, user, 'add_device'))).body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) })).status).toBe(200);
  return { deviceId: id, secret: shown.secret };
}

export async function limitedPhone(user: EnrolledTotp, ...applications: string[]): Promise<string> {
  const { id } = (await add(user, phone({ applications }), await proved(user, user, 'add_device'))).body;
  const code = await panel.sentCode(id);
  expect((await call('POST', `/v1/devices/${id}/verify`, { code })).status).toBe(200);
  return id;
}

export function expectBeyond({ status, body }: Answer): void {
  expect({ status, code: body.code, detail: body.detail, userMessage: body.userMessage }).toEqual({
    status: 422,
    code: 'proof_invalid',
    detail: expect.stringContaining('serves some applications only'),
    userMessage: expect.stringContaining('only for certain applications'),
  });
}
