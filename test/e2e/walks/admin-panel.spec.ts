import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuthenticatorApp } from '../../support/authenticator-app.js';
import { startWalk, type Walk } from '../../support/walk.js';

/** "2FA for the Admin Panel": Disabled or Enabled; a code takes effect before it expires; no API login with 2FA on. */
const admin = '/v1/accounts/shop/users/admin';
const subAdmin = '/v1/accounts/shop/users/api';
const asks = (userId: string, purpose: string) =>
  walk.call('POST', '/v1/challenges', { accountId: 'shop', userId, purpose });

let walk: Walk;
let app: AuthenticatorApp;
beforeAll(async () => {
  walk = await startWalk({ preset: 'admin-panel' });
  await walk.call('PUT', '/v1/accounts/shop', {});
  await walk.call('PUT', admin, { email: 'admin@shop.example' });
});
afterAll(() => walk.stop());

const status = async () => (await walk.call('GET', admin)).body.twoFactor.status as string;

test('the status is Disabled, and the admin account serves the API', async () => {
  expect(await status()).toBe('disabled');
  expect((await asks('admin', 'api_login')).body).toMatchObject({ decision: 'allow' });
});

test('Enabled: scan the QR code, fill in the code, save', async () => {
  const device = await walk.expectAnswer(201, walk.call('POST', `${admin}/devices`, { method: 'totp', name: 'Phone' }));
  expect(device.totp.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
  app = walk.scan(device.totp.uri);
  const verify = (code: string) => walk.call('POST', `/v1/devices/${device.id}/verify`, { code });
  // It takes effect with a correct code only.
  const wrong = String((Number(await app.freshCode()) + 1) % 1_000_000).padStart(6, '0');
  expect((await walk.expectAnswer(422, verify(wrong))).code).toBe('code_invalid');
  expect(await status()).toBe('disabled');
  await walk.expectAnswer(200, verify(await app.freshCode()));
  expect(await status()).toBe('enabled');
  expect((await asks('admin', 'login')).body.decision).toBe('challenge');
});

test('the API login of this account fails now; a sub-admin for the API only is exempt, and can do nothing else', async () => {
  expect((await asks('admin', 'api_login')).body).toMatchObject({ decision: 'deny', reason: 'two_factor_user' });
  await walk.expectAnswer(200, walk.call('PUT', subAdmin, { kind: 'service' }));
  expect((await asks('api', 'api_login')).body).toMatchObject({ decision: 'allow', reason: 'service_user' });
  expect((await asks('api', 'login')).body).toMatchObject({ decision: 'deny', reason: 'service_user_interactive' });
  const device = await walk.call('POST', `${subAdmin}/devices`, { method: 'totp', name: 'App' });
  expect([device.status, device.body.code]).toEqual([422, 'method_not_allowed']);
});

test('Disabled: takes a current code too; then the entry of the app may be deleted', async () => {
  const bare = await walk.expectAnswer(422, walk.call('PUT', `${admin}/two-factor`, { enabled: false }));
  expect(bare.code).toBe('proof_required');
  const { challenge } = await walk.expectAnswer(201, asks('admin', 'disable'));
  const approval = walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { code: await app.freshCode() });
  const { proof } = await walk.expectAnswer(200, approval);
  const off = walk.call('PUT', `${admin}/two-factor`, { enabled: false }, { 'sallyport-proof': proof });
  expect((await walk.expectAnswer(200, off)).status).toBe('disabled');
  expect((await walk.call('GET', `${admin}/devices`)).body.data).toEqual([]);
  expect((await asks('admin', 'login')).body).toMatchObject({ decision: 'allow', reason: 'two_factor_off' });
});

test('enabling again means a new QR code', async () => {
  const again = await walk.expectAnswer(201, walk.call('POST', `${admin}/devices`, { method: 'totp', name: 'Phone' }));
  const old = walk.call('POST', `/v1/devices/${again.id}/verify`, { code: app.shownBefore() });
  expect((await walk.expectAnswer(422, old)).code).toBe('code_invalid');
  const code = await walk.scan(again.totp.uri).freshCode();
  await walk.expectAnswer(200, walk.call('POST', `/v1/devices/${again.id}/verify`, { code }));
  expect(await status()).toBe('enabled');
});
