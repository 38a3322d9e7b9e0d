import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startWalk, type Walk } from '../../support/walk.js';

/** "Activate 2FA in your user card": some companies require it, and only an administrator switches it off. */
const free = '/v1/accounts/free/users/eva';
const strict = '/v1/accounts/strict/users/jens';
const oldNumber = '+4520123456';
const newNumber = '+4520123457';

let walk: Walk;
beforeAll(async () => {
  walk = await startWalk({ preset: 'user-card' });
  await walk.call('PUT', '/v1/accounts/free', { locale: 'da' });
  await walk.call('PUT', '/v1/accounts/strict', { locale: 'da' });
  await walk.call('PUT', free, { email: 'eva@free.example', phone: oldNumber });
  await walk.call('PUT', strict, { email: 'jens@strict.example' });
});
afterAll(() => walk.stop());

const challengeFor = (user: string, more: object = {}) => {
  const [, , , accountId, , userId] = user.split('/');
  return walk.call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more });
};

test('for some companies there is a requirement, from a date on; the others leave it to the user', async () => {
  const graceUntil = new Date(Date.now() + 86_400_000).toISOString();
  const path = '/v1/accounts/strict/policy';
  await walk.expectAnswer(200, walk.adminCall('PUT', path, { twoFactor: { required: 'all', graceUntil } }));
  expect((await challengeFor(strict)).body).toMatchObject({ decision: 'allow', reason: 'grace_period' });
  await walk.expectAnswer(200, walk.adminCall('PUT', path, { twoFactor: { required: 'all', graceUntil: null } }));
  expect((await challengeFor(strict)).body).toMatchObject({ decision: 'enroll', reason: 'required_by_policy' });
  expect((await challengeFor(free)).body).toMatchObject({ decision: 'allow', reason: 'two_factor_off' });
});

test('with the app: the typed secret instead of the QR code; the verified enrolment finishes the login', async () => {
  const { challenge } = await walk.expectAnswer(201, challengeFor(strict));
  const device = await walk.expectAnswer(201, walk.call('POST', `${strict}/devices`, { method: 'totp', name: 'App' }));
  const app = walk.typeIn(device.totp.secret);
  const verified = await walk.expectAnswer(
    200,
    walk.call('POST', `/v1/devices/${device.id}/verify`, { code: await app.freshCode(), challengeId: challenge.id }),
  );
  expect(verified).toMatchObject({ status: 'verified', proof: expect.any(String) });
  // You only have to do this once: from now on it is a code at each login.
  const next = await walk.expectAnswer(201, challengeFor(strict));
  expect(next.decision).toBe('challenge');
  const code = await app.freshCode();
  const login = walk.call('POST', `/v1/challenges/${next.challenge.id}/verify`, { code });
  expect((await walk.expectAnswer(200, login)).status).toBe('approved');
});

let device: string;
test('by SMS: to the number of the user card; asking again sends it again', async () => {
  const added = await walk.expectAnswer(201, walk.call('POST', `${free}/devices`, { method: 'sms', name: 'Mobile' }));
  device = added.id;
  const first = await walk.received(oldNumber);
  const soon = await walk.expectAnswer(429, walk.call('POST', `/v1/devices/${device}/codes`));
  expect(soon).toMatchObject({ code: 'resend_too_soon', retryAfter: expect.any(Number) });
  await walk.expectAnswer(200, walk.call('POST', `/v1/devices/${device}/verify`, { code: first }));
  const login = await walk.expectAnswer(201, challengeFor(free));
  expect(login.challenge.send).toHaveProperty('deliveryId');
  const code = await walk.received(oldNumber);
  await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${login.challenge.id}/verify`, { code }));
});

test('"have you changed your mobile number?": a new one has to be verified again, and the old one serves until then', async () => {
  await walk.expectAnswer(200, walk.call('PUT', free, { phone: newNumber }));
  expect((await walk.call('GET', free)).body.devices[0]).toMatchObject({ phoneDiffers: true, status: 'verified' });

  const { challenge } = await walk.expectAnswer(201, challengeFor(free, { purpose: 'change_phone' }));
  const approving = { code: await walk.received(oldNumber) };
  const { proof } = await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${challenge.id}/verify`, approving));
  const header = { 'sallyport-proof': proof };
  const changing = walk.call('PUT', `/v1/devices/${device}/phone`, { phone: newNumber }, header);
  expect(await walk.expectAnswer(200, changing)).toMatchObject({ pendingPhone: { status: 'unverified' } });

  const meanwhile = await walk.expectAnswer(201, challengeFor(free));
  const old = { code: await walk.received(oldNumber) };
  await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${meanwhile.challenge.id}/verify`, old));

  const proving = walk.call('POST', `/v1/devices/${device}/verify`, { code: await walk.received(newNumber) });
  await walk.expectAnswer(200, proving);
  const shown = (await walk.call('GET', free)).body.devices[0];
  expect(shown).toMatchObject({ phoneDiffers: false });
  const later = await walk.expectAnswer(201, challengeFor(free));
  const fresh = { code: await walk.received(newNumber) };
  await walk.expectAnswer(200, walk.call('POST', `/v1/challenges/${later.challenge.id}/verify`, fresh));
});

test('"I don\'t want 2FA any more": the administrator switches it off, and the user is told', async () => {
  const alone = await walk.call('PUT', `${free}/two-factor`, { enabled: false });
  expect(alone.status).toBe(403);
  const off = await walk.expectAnswer(200, walk.adminCall('PUT', `${free}/two-factor`, { enabled: false }));
  expect(off.status).toBe('disabled');
  expect((await challengeFor(free)).body).toMatchObject({ decision: 'allow', reason: 'two_factor_off' });
  // Where the company requires it, not even that.
  const required = await walk.expectAnswer(409, walk.adminCall('PUT', `${strict}/two-factor`, { enabled: false }));
  expect(required.code).toBe('two_factor_required');
  // The user is told, in their language.
  const subjects = async () => (await walk.messages('eva@free.example')).map(({ subject }) => subject);
  const told = (found: (string | null)[]) =>
    found.some((subject) => subject?.includes('totrinsbekræftelse er slået fra'));
  while (!told(await subjects())) await sleep(100);
});
