import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuthenticatorApp } from '../../support/authenticator-app.js';
import { startWalk, type Walk } from '../../support/walk.js';

/**
 * "How to use 2FA on the Service Panel": one login for a customer, a named device for each employee, fifteen SMS a day.
 */
const customer = '/v1/accounts/customer-1/users/customer-1';
const login = { accountId: 'customer-1', userId: 'customer-1', purpose: 'login' };
const anna = '+31612345601';

let walk: Walk;
let bobsApp: AuthenticatorApp;
let bob: string;
let annas: string;
beforeAll(async () => {
  walk = await startWalk({ preset: 'service-panel', supportContact: 'support@panel.example' });
  await walk.expectAnswer(200, walk.call('PUT', '/v1/accounts/customer-1', { name: 'Customer', locale: 'nl' }));
  await walk.expectAnswer(200, walk.call('PUT', customer, { email: 'office@customer.example' }));
});
afterAll(() => walk.stop());

test('without a device the password is enough', async () => {
  const decision = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', login));
  expect(decision).toEqual({ decision: 'allow', reason: 'two_factor_off' });
});

test('adding a device: a name, a method, the code of the app, and it is validated', async () => {
  const device = await walk.expectAnswer(
    201,
    walk.call('POST', `${customer}/devices`, { method: 'totp', name: "Bob's phone" }),
  );
  expect(device).toMatchObject({ name: "Bob's phone", status: 'unverified' });
  bob = device.id;
  bobsApp = walk.scan(device.totp.uri);
  // Until then nothing has changed for anybody.
  expect((await walk.call('POST', '/v1/challenges', login)).body.decision).toBe('allow');
  const validated = await walk.expectAnswer(
    200,
    walk.call('POST', `/v1/devices/${bob}/verify`, { code: await bobsApp.freshCode() }),
  );
  expect(validated.status).toBe('verified');
  // A login that several share has no recovery codes: whoever leaves would still have them.
  expect(validated).not.toHaveProperty('recoveryCodes');
});

test('"my validation code doesn\'t work": the code that validated the device is not accepted at the login that follows', async () => {
  const { challenge } = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', login));
  const verify = (code: string) => walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { code });
  const refused = await walk.expectAnswer(422, verify(bobsApp.shownBefore()));
  expect(refused).toMatchObject({
    code: 'code_already_used',
    detail: 'This code was used before. Wait until your app shows a new one.',
    supportContact: 'support@panel.example',
  });
  const approved = await walk.expectAnswer(200, verify(await bobsApp.freshCode()));
  expect(approved).toMatchObject({ status: 'approved', proof: expect.any(String) });
});

/** A proof for a purpose, by the app of Bob. */
async function proofByApp(purpose: string): Promise<Record<string, string>> {
  const { challenge } = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', { ...login, purpose }));
  const entered = { deviceId: bob, code: await bobsApp.freshCode() };
  const answer = await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${challenge.id}/verify`, entered));
  return { 'sallyport-proof': answer.proof };
}

/** The same by the SMS that Anna gets. */
async function proofBySms(purpose: string): Promise<Record<string, string>> {
  const asked = { ...login, purpose, deviceId: annas };
  const { challenge } = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', asked));
  const entered = { deviceId: annas, code: await walk.received(anna) };
  const answer = await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${challenge.id}/verify`, entered));
  return { 'sallyport-proof': answer.proof };
}

test('every employee has a device of their own: Anna takes SMS', async () => {
  const proof = await proofByApp('add_device');
  const device = await walk.expectAnswer(
    201,
    walk.call('POST', `${customer}/devices`, { method: 'sms', name: 'Anna', phone: anna }, proof),
  );
  annas = device.id;
  await walk.expectAnswer(200, walk.call('POST', `/v1/devices/${annas}/verify`, { code: await walk.received(anna) }));
  const devices = await walk.expectAnswer(200, walk.call('GET', `${customer}/devices`));
  expect(devices.data.map((each: { name: string; method: string }) => [each.name, each.method])).toEqual([
    ["Bob's phone", 'totp'],
    ['Anna', 'sms'],
  ]);
});

test('the second step: Anna chooses her device, and enters the code of the SMS', async () => {
  const { challenge } = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', login));
  expect(challenge.devices.map((each: { name: string }) => each.name)).toEqual(["Bob's phone", 'Anna']);
  await walk.expectAnswer(202, walk.call('POST', `/v1/challenges/${challenge.id}/codes`, { deviceId: annas }));
  const code = await walk.received(anna);
  const verify = () => walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { deviceId: annas, code });
  expect((await walk.expectAnswer(200, verify())).status).toBe('approved');
});

test('the same devices admit to the emergency service, which is another application', async () => {
  const emergency = await walk.application('emergency-service');
  const { challenge } = await walk.expectAnswer(201, emergency('POST', '/v1/challenges', login));
  expect(challenge.application).toBe('emergency-service');
  await walk.expectAnswer(202, emergency('POST', `/v1/challenges/${challenge.id}/codes`, { deviceId: annas }));
  const entered = { deviceId: annas, code: await walk.received(anna) };
  const answer = emergency('POST', `/v1/challenges/${challenge.id}/verify`, entered);
  expect((await walk.expectAnswer(200, answer)).status).toBe('approved');
});

test('fifteen SMS a day for a device; then a clear refusal that points to the app, and support gives the day back', async () => {
  const send = async () => {
    const opened = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', { ...login, deviceId: annas }));
    return opened.challenge.send;
  };
  // As if each of them had waited for the half minute between two codes.
  const policy = { preset: 'service-panel', supportContact: 'support@panel.example', code: { resendAfterSeconds: 0 } };
  await walk.expectAnswer(200, walk.adminCall('PUT', '/v1/policy', policy));
  const { quota } = await walk.expectAnswer(200, walk.call('GET', `/v1/devices/${annas}`));
  expect(quota.limit).toBe(15);
  for (let used = quota.used; used < 15; used += 1) expect(await send()).toHaveProperty('deliveryId');
  const refused = await send();
  expect(refused).toMatchObject({ code: 'sms_quota_exceeded', detail: expect.stringContaining('authenticator app') });
  // Whoever uses the app is not concerned.
  const { challenge } = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', login));
  expect(challenge.devices[0]).toMatchObject({ id: bob, lockedUntil: null });

  await walk.expectAnswer(204, walk.adminCall('DELETE', `/v1/devices/${annas}/quota`));
  expect(await send()).toHaveProperty('deliveryId');
  await walk.forget(anna, 16);
});

test('switching off keeps the devices; switching on again needs no new ones', async () => {
  const off = await walk.expectAnswer(
    200,
    walk.call('PUT', `${customer}/two-factor`, { enabled: false }, await proofBySms('disable')),
  );
  expect(off.status).toBe('disabled');
  expect((await walk.call('POST', '/v1/challenges', login)).body).toMatchObject({ decision: 'allow' });
  expect((await walk.call('GET', `${customer}/devices`)).body.data).toHaveLength(2);
  const on = await walk.expectAnswer(200, walk.call('PUT', `${customer}/two-factor`, { enabled: true }));
  expect(on.status).toBe('enabled');
  expect((await walk.call('POST', '/v1/challenges', login)).body).toMatchObject({ decision: 'challenge' });
});

test('an employee leaves: removing the device ends the access at once, in an open challenge too', async () => {
  const { challenge } = await walk.expectAnswer(
    201,
    walk.call('POST', '/v1/challenges', { ...login, deviceId: annas }),
  );
  const code = await walk.received(anna);
  const removed = walk.call('DELETE', `/v1/devices/${annas}`, undefined, await proofByApp('remove_device'));
  await walk.expectAnswer(204, removed);
  const late = walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { deviceId: annas, code });
  expect((await walk.expectAnswer(404, late)).code).toBe('not_found');
  const left = await walk.expectAnswer(201, walk.call('POST', '/v1/challenges', login));
  expect(left.challenge.devices.map((each: { name: string }) => each.name)).toEqual(["Bob's phone"]);
});
