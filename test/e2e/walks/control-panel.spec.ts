import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuthenticatorApp } from '../../support/authenticator-app.js';
import { startWalk, type Walk } from '../../support/walk.js';

/** "Enable two-factor authentication": app, e-mail, SMS or biometrics; recovery codes are saved before going on. */
const user = '/v1/accounts/customer/users/olle';
const mail = 'olle@customer.example';

let walk: Walk;
let app: AuthenticatorApp;
let recoveryCodes: string[];
beforeAll(async () => {
  walk = await startWalk({ preset: 'control-panel' });
  await walk.call('PUT', '/v1/accounts/customer', { locale: 'sv' });
  await walk.call('PUT', user, { email: mail });
});
afterAll(() => walk.stop());

const asks = (purpose: string) =>
  walk.call('POST', '/v1/challenges', { accountId: 'customer', userId: 'olle', purpose });

test('choose among app, e-mail, SMS and biometrics', async () => {
  const { body } = await walk.call('GET', '/v1/policy');
  expect(new Set(body.effective.methods.allowed)).toEqual(new Set(['totp', 'email', 'sms', 'webauthn']));
});

test('the recovery codes come first: "I have saved the recovery codes", and only then the code of the app counts', async () => {
  const device = await walk.expectAnswer(201, walk.call('POST', `${user}/devices`, { method: 'totp', name: 'Phone' }));
  recoveryCodes = device.recoveryCodes;
  expect(recoveryCodes).toHaveLength(10);
  app = walk.scan(device.totp.uri);
  const code = await app.freshCode();
  const verify = () => walk.call('POST', `/v1/devices/${device.id}/verify`, { code });
  expect((await walk.expectAnswer(409, verify())).code).toBe('recovery_codes_not_acknowledged');
  await walk.expectAnswer(200, walk.call('POST', `${user}/recovery-codes/acknowledge`));
  // The refusal used nothing up: the same code is still good.
  const verified = await walk.expectAnswer(200, verify());
  expect(verified.status).toBe('verified');
  expect(verified).not.toHaveProperty('recoveryCodes');
});

test('a recovery code opens the door once, and says how many are left', async () => {
  const { challenge } = await walk.expectAnswer(201, asks('login'));
  const answer = walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { recoveryCode: recoveryCodes[0] });
  expect(await walk.expectAnswer(200, answer)).toMatchObject({ status: 'approved', recoveryCodesLeft: 9 });
  const next = await walk.expectAnswer(201, asks('login'));
  const again = walk.call('POST', `/v1/challenges/${next.challenge.id}/verify`, { recoveryCode: recoveryCodes[0] });
  expect((await walk.expectAnswer(422, again)).code).toBe('recovery_code_invalid');
});

test('with e-mail: a one-time code in the inbox, and two-factor authentication is on', async () => {
  const { challenge } = await walk.expectAnswer(201, asks('add_device'));
  const approval = walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { code: await app.freshCode() });
  const { proof } = await walk.expectAnswer(200, approval);
  const body = { method: 'email', name: 'Mail' };
  const device = await walk.expectAnswer(201, walk.call('POST', `${user}/devices`, body, { 'sallyport-proof': proof }));
  const code = await walk.received(mail);
  await walk.expectAnswer(200, walk.call('POST', `/v1/devices/${device.id}/verify`, { code }));

  const login = await walk.expectAnswer(201, asks('login'));
  expect(login.challenge.devices).toHaveLength(2);
  const sending = walk.call('POST', `/v1/challenges/${login.challenge.id}/codes`, { deviceId: device.id });
  await walk.expectAnswer(202, sending);
  const entered = { deviceId: device.id, code: await walk.received(mail) };
  await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${login.challenge.id}/verify`, entered));
});
