import { expect, test } from '@jest/globals';
import { newId } from '#contracts';
import { totp, wrongTotp, type EnrolledTotp } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, countEvents, endLock, inParallel, tally } from '../../support/parallel.js';
import { panel } from '../../support/guesses.js';

async function addPhone(user: EnrolledTotp, phone: string): Promise<string> {
  const proof = await panel.proof(user, 'add_device');
  const body = { method: 'sms', name: 'Phone', phone };
  const device = await panel.call('POST', `${user.path}/devices`, body, { 'sallyport-proof': proof });
  expect(device.status).toBe(201);
  const { id } = device.body;
  const code = await panel.sentCode(id);
  expect(await panel.call('POST', `/v1/devices/${id}/verify`, { code })).toMatchObject({ status: 200 });
  return id;
}

async function loginBySms(user: EnrolledTotp, phoneId: string): Promise<Answer> {
  const { accountId, userId } = user;
  await panel.passMinute();
  const opened = await panel.call('POST', '/v1/challenges', { accountId, userId, deviceId: phoneId });
  expect(opened.body.challenge.send).toHaveProperty('deliveryId');
  const code = await panel.sentCode(phoneId);
  return panel.call('POST', `/v1/challenges/${opened.body.challenge.id}/verify`, { deviceId: phoneId, code });
}

test('T04 fifty wrong codes in a row disable a device, whatever else happens meanwhile', async () => {
  const user = await panel.totpUser();
  const phoneId = await addPhone(user, '+31612340101');
  let answers = 0;
  const durations: number[] = [];
  while (answers < 50) {
    // A new challenge for every guess.
    const challenge = await panel.challenge(user);
    const body = { deviceId: user.deviceId, code: wrongTotp(user.secret) };
    const answer = await panel.call('POST', `/v1/challenges/${challenge}/verify`, body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'code_invalid' } });
    answers += 1;
    const { wrongCodes, lockedUntil } = await countersOf(panel, user.deviceId);
    expect(wrongCodes).toBe(answers);
    if (lockedUntil) {
      const [lock] = await panel.sql<{ seconds: number }>(
        `select extract(epoch from locked_until - started_at)::float8 as seconds from lockout
         where device_id = $1 order by started_at desc limit 1`,
        [user.deviceId],
      );
      durations.push(Math.round(lock?.seconds ?? 0));
    }
    // What must not reset the count: another device's success, a recovery code, a resend.
    if (answers === 10 || answers === 30) expect((await loginBySms(user, phoneId)).status).toBe(200);
    if (answers === 20) {
      const recoveryCode = user.recoveryCodes[0];
      const recovered = await panel.call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, {
        recoveryCode,
      });
      expect(recovered.status).toBe(200);
    }
    await endLock(panel, user.deviceId);
  }
  // 30 s doubling to an hour; the fiftieth disables instead.
  expect(durations.slice(0, 9)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  expect(durations).toHaveLength(45);
  expect(await countersOf(panel, user.deviceId)).toMatchObject({ status: 'disabled', wrongCodes: 50 });
  expect(await countEvents(panel, user.userId, 'device.disabled')).toBe(1);
  expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(45);

  const challenge = await panel.challenge(user);
  const body = { deviceId: user.deviceId, code: totp(user.secret) };
  const right = await panel.call('POST', `/v1/challenges/${challenge}/verify`, body);
  expect(right).toMatchObject({ status: 429, body: { code: 'locked' } });
  // Time does not undo it, nor does lifting the locks; the other device and the recovery codes go on.
  expect((await panel.call('DELETE', `${user.path}/lockouts`)).status).toBe(204);
  await endLock(panel, user.deviceId);
  const later = await panel.call('POST', `/v1/challenges/${challenge}/verify`, body);
  expect(later).toMatchObject({ status: 429, body: { code: 'locked' } });
  expect((await loginBySms(user, phoneId)).status).toBe(200);
});

test('T04 a resend and a new challenge do not reset the count of an SMS device', async () => {
  const tenant = await panel.tenant();
  expect((await tenant.call('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } })).status).toBe(200);
  const user = await panel.user(tenant);
  const phone = { method: 'sms', name: 'Phone', phone: '+31612340102' };
  const { id: deviceId } = (await tenant.call('POST', `${user.path}/devices`, phone)).body;
  await tenant.call('POST', `/v1/devices/${deviceId}/verify`, { code: await panel.sentCode(deviceId) });

  const wrongCode = async () => (Number(await panel.sentCode(deviceId)) === 0 ? '000001' : '000000');
  const guess = async (challenge: string) =>
    tenant.call('POST', `/v1/challenges/${challenge}/verify`, { deviceId, code: await wrongCode() });
  const first = await panel.challenge(user, {}, tenant);
  const code = await panel.sentCode(deviceId);
  expect((await guess(first)).body.attemptsLeft).toBe(4);
  expect((await guess(first)).body.attemptsLeft).toBe(3);
  expect((await tenant.call('POST', `/v1/challenges/${first}/codes`, { deviceId })).status).toBe(202);
  expect(await panel.sentCode(deviceId)).toBe(code);
  expect((await guess(first)).body.attemptsLeft).toBe(2);
  const second = await panel.challenge(user, {}, tenant);
  expect((await guess(second)).body.attemptsLeft).toBe(1);
  expect((await guess(second)).body.attemptsLeft).toBe(0);
  // Locked: neither the right code, nor another message, nor a challenge that could only be locked.
  const right = await tenant.call('POST', `/v1/challenges/${first}/verify`, { deviceId, code });
  expect(right).toMatchObject({ status: 429, body: { code: 'locked' } });
  const resend = await tenant.call('POST', `/v1/challenges/${first}/codes`, { deviceId });
  expect(resend).toMatchObject({ status: 429, body: { code: 'locked' } });
});

test('T05 calls that name no open challenge of the victim leave the victim alone', async () => {
  const victim = await panel.totpUser();
  const attacker = await panel.totpUser();
  const stranger = await panel.tenant('Stranger');
  const [open, dead, canceled, own] = await Promise.all([
    panel.challenge(victim),
    panel.challenge(victim),
    panel.challenge(victim),
    panel.challenge(attacker),
  ]);
  await panel.sql(`update challenge set expires_at = now() - interval '1 second' where id = $1`, [dead]);
  await panel.call('POST', `/v1/challenges/${canceled}/cancel`);

  const code = wrongTotp(victim.secret);
  const { deviceId } = victim;
  const recoveryCode = '0000-0000-0000-0000';
  const attempts: [string, () => Promise<Answer>][] = [
    ['404 not_found', () => panel.call('POST', `/v1/challenges/${newId('challenge')}/verify`, { deviceId, code })],
    ['404 not_found', () => panel.call('POST', `/v1/challenges/${newId('challenge')}/verify`, { recoveryCode })],
    ['404 not_found', () => stranger.call('POST', `/v1/challenges/${open}/verify`, { deviceId, code })],
    ['404 not_found', () => stranger.call('POST', `/v1/challenges/${open}/verify`, { recoveryCode })],
    ['404 not_found', () => panel.call('POST', `/v1/challenges/${own}/verify`, { deviceId, code })],
    ['410 challenge_expired', () => panel.call('POST', `/v1/challenges/${dead}/verify`, { deviceId, code })],
    ['410 challenge_expired', () => panel.call('POST', `/v1/challenges/${dead}/verify`, { recoveryCode })],
    ['409 challenge_not_pending', () => panel.call('POST', `/v1/challenges/${canceled}/verify`, { deviceId, code })],
    ['409 device_already_verified', () => panel.call('POST', `/v1/devices/${deviceId}/verify`, { code })],
    ['404 not_found', () => stranger.call('POST', `/v1/devices/${deviceId}/verify`, { code })],
  ];
  const answers = await inParallel(
    200 * attempts.length,
    (index) => attempts[index % attempts.length]?.[1]() as Promise<Answer>,
  );
  for (const [index, [expected]] of attempts.entries()) {
    const own = answers.filter((_, n) => n % attempts.length === index);
    expect(tally(own)).toEqual({ [expected]: 200 });
  }
  expect(await countersOf(panel, deviceId)).toEqual({ wrongCodes: 0, lockedUntil: null, status: 'verified' });
  const [pool] = await panel.sql(
    `select p.wrong_codes as wrong from recovery_pool p join app_user u on u.id = p.user_id
     where u.external_id = $1`,
    [victim.userId],
  );
  expect(pool).toEqual({ wrong: 0 });
  expect(await panel.sql('select checks from challenge where id = $1', [open])).toEqual([{ checks: 0 }]);
  expect(await countEvents(panel, victim.userId, 'challenge.rejected')).toBe(0);
});

test('T05 while one device is locked, the others and the recovery codes work', async () => {
  const user = await panel.totpUser();
  const phoneId = await addPhone(user, '+31612340103');
  const lockApp = await panel.challenge(user);
  for (let guess = 0; guess < 5; guess += 1) {
    const body = { deviceId: user.deviceId, code: wrongTotp(user.secret) };
    await panel.call('POST', `/v1/challenges/${lockApp}/verify`, body);
  }
  expect((await countersOf(panel, user.deviceId)).lockedUntil).not.toBeNull();
  expect((await loginBySms(user, phoneId)).status).toBe(200);
  const recovery = await panel.challenge(user);
  const recoveryCode = user.recoveryCodes[1];
  expect((await panel.call('POST', `/v1/challenges/${recovery}/verify`, { recoveryCode })).status).toBe(200);
  // And they do not lift the lock of the first.
  expect((await countersOf(panel, user.deviceId)).lockedUntil).not.toBeNull();
});
