import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startWalk, type Walk } from '../../support/walk.js';

/** "Two-factor authentication in Customer Administration": SMS or OTP, one at a time; a number proved once serves all. */
const eva = '/v1/accounts/company/users/eva';
const jan = '/v1/accounts/company/users/jan';
const stranger = '/v1/accounts/other/users/petr';
const number = '+420601123456';

let walk: Walk;
let evas: string;
beforeAll(async () => {
  walk = await startWalk({ preset: 'customer-administration' });
  for (const account of ['company', 'other']) await walk.call('PUT', `/v1/accounts/${account}`, { locale: 'cs' });
  for (const user of [eva, jan, stranger]) await walk.call('PUT', user, {});
});
afterAll(() => walk.stop());

const asks = (user: string, purpose: string) => {
  const [, , , accountId, , userId] = user.split('/');
  return walk.call('POST', '/v1/challenges', { accountId, userId, purpose });
};
const addNumber = (user: string) =>
  walk.call('POST', `${user}/devices`, { method: 'sms', name: 'Mobile', phone: number });

test('login via SMS: add number, send code, enter it', async () => {
  const device = await walk.expectAnswer(201, addNumber(eva));
  evas = device.id;
  expect(device.status).toBe('unverified');
  const code = await walk.received(number);
  await walk.expectAnswer(200, walk.call('POST', `/v1/devices/${evas}/verify`, { code }));
  const login = await walk.expectAnswer(201, asks(eva, 'login'));
  const entered = { code: await walk.received(number) };
  await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${login.challenge.id}/verify`, entered));
});

test('a number verified by one of the existing persons of the account needs no second verification', async () => {
  const codesSent = async () => (await walk.messages(number)).filter(({ body }) => /^\d{6}\b/.test(body)).length;
  const before = await codesSent();
  const device = await walk.expectAnswer(201, addNumber(jan));
  expect(device.status).toBe('verified');
  expect((await walk.call('GET', jan)).body.twoFactor.status).toBe('enabled');
  // The number is told of its second user; no code is sent.
  expect(await codesSent()).toBe(before);
  // Never across accounts.
  expect(await walk.expectAnswer(201, addNumber(stranger))).toMatchObject({ status: 'unverified' });
  await walk.received(number);
});

/** A proof by the code that Eva's number gets. */
async function proofOf(purpose: string): Promise<Record<string, string>> {
  const { challenge } = await walk.expectAnswer(201, asks(eva, purpose));
  const code = await walk.received(number);
  const { proof } = await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${challenge.id}/verify`, { code }));
  return { 'sallyport-proof': proof };
}

test('to change the method, the original one has to be deactivated first, or replaced in one step', async () => {
  const otp = { method: 'totp', name: 'App' };
  const proof = await proofOf('add_device');
  const conflict = await walk.expectAnswer(409, walk.call('POST', `${eva}/devices`, otp, proof));
  expect(conflict.code).toBe('method_conflict');

  const replacing = walk.call('POST', `${eva}/devices`, { ...otp, replaces: evas }, proof);
  const device = await walk.expectAnswer(201, replacing);
  // Connect device → display QR code → verify. Until then the number serves.
  expect((await walk.call('GET', `/v1/devices/${evas}`)).body.status).toBe('verified');
  const app = walk.scan(device.totp.uri);
  const verify = walk.call('POST', `/v1/devices/${device.id}/verify`, { code: await app.freshCode() });
  await walk.expectAnswer(200, verify);
  expect((await walk.call('GET', `/v1/devices/${evas}`)).status).toBe(404);

  // Each time you log in, you will be asked for a code of the app.
  const { challenge } = await walk.expectAnswer(201, asks(eva, 'login'));
  expect(challenge.devices).toMatchObject([{ method: 'totp' }]);
  const entered = { code: await app.freshCode() };
  await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${challenge.id}/verify`, entered));
  expect((await asks(eva, 'login')).body.decision).toBe('challenge');
});
