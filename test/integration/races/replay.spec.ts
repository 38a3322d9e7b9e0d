import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPanel, totp, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import {
  countersOf,
  countEvents,
  inParallel,
  raceBehind,
  startOther,
  sum,
  tally,
  type OtherGateway,
} from '../../support/parallel.js';

let panel: TestPanel;
let other: OtherGateway;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 24 });
  other = await startOther(panel, 24);
});
afterAll(async () => {
  await other.stop();
  await panel.stop();
});

/** Calls in turn by both gateways. */
function anyGateway(index: number): TestPanel['call'] {
  return index % 2 === 0 ? panel.call : other.call;
}

async function forgetWrongCodes(user: EnrolledTotp): Promise<void> {
  await panel.sql('update device set wrong_codes = 0, locked_until = null where id = $1', [user.deviceId]);
}

test('T01 one code in 200 parallel checks of 200 challenges is accepted once', async () => {
  const user = await panel.totpUser();
  const challenges = await inParallel(200, () => panel.challenge(user), 16);
  const code = totp(user.secret);
  const answers = await inParallel(
    200,
    (index) => anyGateway(index)('POST', `/v1/challenges/${challenges[index]}/verify`, { code }),
    200,
  );
  const counts = tally(answers);
  expect(counts['200']).toBe(1);
  expect(sum(counts, '200', '422 code_already_used', '429 locked')).toBe(200);
  expect(await countEvents(panel, user.userId, 'challenge.approved')).toBe(1);
});

test('T01 one code looked at twenty times before the first is charged is accepted once', async () => {
  const user = await panel.totpUser();
  const challenges = await inParallel(20, () => panel.challenge(user), 16);
  const code = totp(user.secret);
  const answers = await raceBehind(
    panel,
    { text: 'select from device where id = $1 for update', values: [user.deviceId] },
    {
      waiting: 20,
      start: () => challenges.map((id) => panel.call('POST', `/v1/challenges/${id}/verify`, { code })),
    },
  );
  // What came second counts as wrong, so the sixth is locked out.
  expect(tally(answers)).toEqual({ '200': 1, '422 code_already_used': 5, '429 locked': 14 });
});

test('T01 one code in 200 parallel checks of one challenge is accepted once', async () => {
  const user = await panel.totpUser();
  const challenge = await panel.challenge(user);
  const code = totp(user.secret);
  const answers = await inParallel(
    200,
    (index) => anyGateway(index)('POST', `/v1/challenges/${challenge}/verify`, { code }),
    200,
  );
  expect(tally(answers)).toEqual({ '200': 1, '409 challenge_not_pending': 199 });
  // Nobody is charged for a button pressed twice.
  expect(await countersOf(panel, user.deviceId)).toMatchObject({ wrongCodes: 0, lockedUntil: null });
});

test('T01 a code in 200 parallel enrolment checks proves the device once', async () => {
  const user = await panel.user();
  const device = await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
  const code = totp(device.body.totp.secret);
  const path = `/v1/devices/${device.body.id}/verify`;
  const answers = await inParallel(200, (index) => anyGateway(index)('POST', path, { code }), 200);
  expect(tally(answers)).toEqual({ '200': 1, '409 device_already_verified': 199 });
  expect(answers.filter(({ body }) => body.recoveryCodes)).toHaveLength(1);
});

test('T01 an SMS code in 200 parallel checks is accepted once, and in no other challenge', async () => {
  const user = await panel.user();
  const device = await panel.call('POST', `${user.path}/devices`, {
    method: 'sms',
    name: 'Phone',
    phone: '+31612340001',
  });
  const deviceId: string = device.body.id;
  const enrolmentCode = await panel.sentCode(deviceId);
  expect(await panel.call('POST', `/v1/devices/${deviceId}/verify`, { code: enrolmentCode })).toMatchObject({
    status: 200,
  });

  const challenge = await panel.challenge(user);
  const code = await panel.sentCode(deviceId);
  const path = `/v1/challenges/${challenge}/verify`;
  const answers = await inParallel(200, (index) => anyGateway(index)('POST', path, { code }), 200);
  expect(tally(answers)).toEqual({ '200': 1, '409 challenge_not_pending': 199 });

  const next = await panel.challenge(user);
  for (const old of [code, enrolmentCode]) {
    const refused = await panel.call('POST', `/v1/challenges/${next}/verify`, { code: old });
    expect(refused).toMatchObject({ status: 422, body: { code: 'code_invalid' } });
  }
});

test('T01 the step before is refused after the step', async () => {
  const user = await panel.totpUser();
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const [before, after] = [totp(user.secret), totp(user.secret, 1)];
  const first = await panel.challenge(user);
  expect(await panel.call('POST', `/v1/challenges/${first}/verify`, { code: after })).toMatchObject({ status: 200 });
  const second = await panel.challenge(user);
  const refused = await panel.call('POST', `/v1/challenges/${second}/verify`, { code: before });
  expect(refused).toMatchObject({ status: 422, body: { code: 'code_already_used' } });
});

test('T01 the step after is accepted once the step has been used', async () => {
  const user = await panel.totpUser();
  for (const code of [totp(user.secret), totp(user.secret, 1)]) {
    const challenge = await panel.challenge(user);
    expect(await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code })).toMatchObject({ status: 200 });
  }
});

test('T01 the code of the enrolment is refused at the next login, in words that help', async () => {
  const user = await panel.user();
  const device = await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
  const code = totp(device.body.totp.secret);
  expect(await panel.call('POST', `/v1/devices/${device.body.id}/verify`, { code })).toMatchObject({ status: 200 });
  const challenge = await panel.challenge(user);
  const refused = await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code });
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'code_already_used', detail: 'This code was used before. Wait until your app shows a new one.' },
  });
});

test('T01 a right code in any other form is refused', async () => {
  const user = await panel.totpUser();
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const code = totp(user.secret);
  const [head, tail] = [code.slice(0, 3), code.slice(3)];
  const shifted = (zero: number) => [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
  const variants = [
    `${head} ${tail}`,
    ` ${code}`,
    `${code} `,
    `${code}\n`,
    `\u00a0${code}`,
    `${head}-${tail}`,
    `+${code}`,
    `0${code}`,
    `${code}0`,
    `${code}.0`,
    code.slice(1),
    `0x${Number(code).toString(16)}`,
    // Full-width, Arabic-Indic and Devanagari digits.
    shifted(0xff10),
    shifted(0x0660),
    shifted(0x0966),
  ];
  for (const variant of variants) {
    const challenge = await panel.challenge(user);
    const refused = await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code: variant });
    expect({ variant, status: refused.status }).toEqual({ variant, status: 400 });
    await forgetWrongCodes(user);
  }
  // A number is no string of digits: JSON would drop its zeros.
  const challenge = await panel.challenge(user);
  const number = await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code: Number(code) });
  expect(number).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  expect(await panel.call('POST', `/v1/challenges/${challenge}/verify`, { code })).toMatchObject({ status: 200 });
});

test('T01 a code without its leading zero is refused', async () => {
  const user = await panel.user();
  // One seed in ten has a code with a leading zero now.
  for (let tries = 0; tries < 300; tries += 1) {
    const device = await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    const code = totp(device.body.totp.secret);
    if (!code.startsWith('0')) continue;
    const path = `/v1/devices/${device.body.id}/verify`;
    for (const dropped of [code.slice(1), String(Number(code))]) {
      expect(await panel.call('POST', path, { code: dropped })).toMatchObject({ status: 400 });
    }
    expect(await panel.call('POST', path, { code })).toMatchObject({ status: 200 });
    return;
  }
  throw new Error('No code with a leading zero was found.');
});
