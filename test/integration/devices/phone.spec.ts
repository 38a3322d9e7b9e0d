import { describe, expect, test } from '@jest/globals';
import { openPersonal } from '#persistence';
import { otherCode } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';
import {
  type PhoneUser,
  call,
  change,
  freshPhone,
  panel,
  phoneUser,
  put,
  setPolicy,
  show,
  verify,
} from '../../support/phone-people.js';

const masked = (phone: string) => `${phone.slice(0, 3)}*****${phone.slice(-2)}`;

/** Where the newest message to the device goes. */
async function addressOf(deviceId: string): Promise<string> {
  const [row] = await panel.sql<{ id: string; tenantId: string; payload: Buffer }>(
    `select id, tenant_id as "tenantId", payload_sealed as payload from delivery where device_id = $1
     order by created_at desc, id desc limit 1`,
    [deviceId],
  );
  const text = panel.sealer.openText('delivery', `${row?.tenantId}:${deviceId}:${row?.id}`, row?.payload as Buffer);
  return (JSON.parse(text) as { to: string }).to;
}

/** Logs in by the phone. */
async function login(user: PhoneUser): Promise<Answer> {
  const challenge = await panel.challenge(user, { deviceId: user.phoneId });
  const code = await panel.sentCode(user.phoneId);
  return call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code });
}

describe('a change of number', () => {
  test('takes effect with a code sent to the new one; until then the old one serves', async () => {
    const user = await phoneUser();
    const number = freshPhone();
    const changed = await change(user, number);
    expect(changed).toMatchObject({
      status: 200,
      body: {
        status: 'verified',
        maskedAddress: masked(user.phone),
        pendingPhone: { masked: masked(number), status: 'unverified', expiresAt: expect.any(String) },
        send: { deliveryId: expect.stringMatching(/^dlv_/) },
      },
    });
    expect(await addressOf(user.phoneId)).toBe(number);
    const code = await panel.sentCode(user.phoneId);
    expect(await show(user.phoneId)).toMatchObject({ pendingPhone: { masked: masked(number) } });

    expect((await login(user)).status).toBe(200);
    expect(await addressOf(user.phoneId)).toBe(user.phone);

    const proved = await verify(user.phoneId, code);
    expect(proved).toMatchObject({ status: 200, body: { status: 'verified', maskedAddress: masked(number) } });
    expect(proved.body).not.toHaveProperty('pendingPhone');
    expect(proved.body).not.toHaveProperty('recoveryCodes');
    expect((await login(user)).status).toBe(200);
    expect(await addressOf(user.phoneId)).toBe(number);
    expect((await verify(user.phoneId, code)).body.code).toBe('device_already_verified');
  });

  test('is told once, with both numbers masked', async () => {
    const user = await phoneUser();
    const number = freshPhone();
    await change(user, number);
    expect(await countEvents(panel, user.userId, 'device.phone_changed')).toBe(0);
    await verify(user.phoneId, await panel.sentCode(user.phoneId));
    const [row, ...more] = await panel.sql<{ id: string; data: object; sealed: Buffer; ref: string; key: Buffer }>(
      `select e.id, e.data - 'apiKeyId' as data, e.personal_sealed as sealed, u.id as ref, u.event_key_sealed as key
       from event e join app_user u on u.id = e.user_ref where e.user_id = $1 and e.type = 'device.phone_changed'`,
      [user.userId],
    );
    if (!row) throw new Error('There is no such event.');
    expect([more, row.data]).toEqual([[], { deviceId: user.phoneId, method: 'sms' }]);
    expect(openPersonal(panel.sealer.open('event-key', row.ref, row.key), row.id, row.sealed)).toEqual({
      deviceName: 'Phone',
      maskedAddress: masked(number),
      formerMaskedAddress: masked(user.phone),
    });
  });

  test('ends the codes that are on their way to the old number', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const challenge = await panel.challenge(user, { deviceId: user.phoneId });
    const old = await panel.sentCode(user.phoneId);
    expect((await verify(user.phoneId, code)).status).toBe(200);
    const answer = await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code: old });
    expect(answer).toMatchObject({ status: 422, body: { code: 'code_expired' } });
    // Another one goes to the new number.
    await panel.passMinute();
    await call('POST', `/v1/challenges/${challenge}/codes`, { deviceId: user.phoneId });
    const fresh = await panel.sentCode(user.phoneId);
    expect(
      (await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code: fresh })).status,
    ).toBe(200);
  });

  test('is not done by a code that went to the old number, nor does its own code log in', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const challenge = await panel.challenge(user, { deviceId: user.phoneId });
    const old = await panel.sentCode(user.phoneId);
    expect(old).not.toBe(code);
    expect((await verify(user.phoneId, old)).body.code).toBe('code_invalid');
    expect((await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId: user.phoneId, code })).body.code).toBe(
      'code_invalid',
    );
    expect((await countersOf(panel, user.phoneId)).wrongCodes).toBe(2);
  });

  test('counts wrong codes against the device, as a login does, and locks it', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    for (const attemptsLeft of [4, 3, 2, 1]) {
      expect((await verify(user.phoneId, otherCode(code))).body).toMatchObject({ code: 'code_invalid', attemptsLeft });
    }
    expect((await verify(user.phoneId, otherCode(code))).body).toMatchObject({
      attemptsLeft: 0,
      lockedUntil: expect.any(String),
    });
    expect(await verify(user.phoneId, code)).toMatchObject({ status: 429, body: { code: 'locked' } });
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('locked');
    expect((await change(user)).body.code).toBe('locked');
    expect(await countEvents(panel, user.userId, 'lockout.started')).toBe(1);
    // The other devices go on.
    expect((await panel.proof(user, 'transaction')).length).toBeGreaterThan(100);
  });

  test('200 guesses at once get five answers', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const answers = await inParallel(200, () => verify(user.phoneId, otherCode(code)), 60);
    const counts = tally(answers);
    expect(counts).toEqual({ '422 code_invalid': 5, '429 locked': 195 });
  });

  test('one right code in 50 parallel calls changes it once', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const counts = tally(await inParallel(50, () => verify(user.phoneId, code)));
    expect(counts['200']).toBe(1);
    expect(await countEvents(panel, user.userId, 'device.phone_changed')).toBe(1);
    expect((await countersOf(panel, user.phoneId)).wrongCodes).toBe(0);
  });

  test('sends the same code again while it lives, to the new number', async () => {
    const user = await phoneUser();
    const number = freshPhone();
    await change(user, number);
    const code = await panel.sentCode(user.phoneId);
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('resend_too_soon');
    await panel.passMinute();
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).status).toBe(202);
    expect(await panel.sentCode(user.phoneId)).toBe(code);
    expect(await addressOf(user.phoneId)).toBe(number);
    await panel.sql('update code set sends = 5 where device_id = $1', [user.phoneId]);
    await panel.passMinute();
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('send_limit_reached');
  });

  test('begun again replaces the number that was waiting', async () => {
    const user = await phoneUser();
    await change(user);
    const first = await panel.sentCode(user.phoneId);
    const number = freshPhone();
    expect((await change(user, number)).status).toBe(200);
    const second = await panel.sentCode(user.phoneId);
    expect((await verify(user.phoneId, first)).body.code).toBe('code_invalid');
    expect((await verify(user.phoneId, second)).body).toMatchObject({ maskedAddress: masked(number) });
  });

  test('begun again while the first is being proved: the proved one is in force or gives way', async () => {
    const user = await phoneUser();
    await change(user);
    const first = await panel.sentCode(user.phoneId);
    const number = freshPhone();
    const proof = await panel.proof(user, 'change_phone');
    const hold = { text: 'select from app_user where external_id = $1 for update', values: [user.userId] };
    const answers = await raceBehind(
      panel,
      hold,
      { waiting: 1, start: () => [put(user.phoneId, number, proof)] },
      { waiting: 2, start: () => [verify(user.phoneId, first)] },
    );
    expect(tally(answers)).toEqual({ '200': 1, '410 enrolment_expired': 1 });
    expect(await show(user.phoneId)).toMatchObject({
      maskedAddress: masked(user.phone),
      pendingPhone: { masked: masked(number) },
    });
  });

  test('dies after 15 minutes, for all to see', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    await panel.sql('update device set pending_expires_at = now() where id = $1', [user.phoneId]);
    expect(await verify(user.phoneId, code)).toMatchObject({
      status: 410,
      body: { code: 'enrolment_expired', detail: expect.stringContaining('Change the number again') },
    });
    expect((await call('POST', `/v1/devices/${user.phoneId}/codes`)).body.code).toBe('enrolment_expired');
    expect(await show(user.phoneId)).not.toHaveProperty('pendingPhone');
    expect((await login(user)).status).toBe(200);
  });

  test('goes with its device', async () => {
    const user = await phoneUser();
    await change(user);
    const code = await panel.sentCode(user.phoneId);
    const proof = await panel.proof(user, 'remove_device');
    await call('DELETE', `/v1/devices/${user.phoneId}`, undefined, { 'sallyport-proof': proof });
    expect((await verify(user.phoneId, code)).status).toBe(404);
  });

  test('is refused where there is no number to change, or no new one', async () => {
    const user = await phoneUser();
    const proof = await panel.proof(user, 'change_phone');
    const code = async (answer: Promise<Answer>) => (await answer).body.code;
    expect(await code(put(user.deviceId, freshPhone(), proof))).toBe('method_not_allowed');
    expect(await code(put(user.phoneId, '12345', proof))).toBe('phone_invalid');
    expect(await put(user.phoneId, ` ${user.phone.replace('+31', '+31 ')}`, proof)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/phone' }] },
    });
    await setPolicy(user, { phone: { allowedCountries: ['BE'] } });
    expect(await code(put(user.phoneId, freshPhone(), proof))).toBe('country_not_allowed');
    await setPolicy(user, {});
    const add = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const body = { method: 'sms', name: 'New', phone: freshPhone() };
    const { id } = (await call('POST', `${user.path}/devices`, body, add)).body;
    expect(await code(put(id, freshPhone(), proof))).toBe('device_not_verified');
    // None of these has used the proof up.
    expect((await put(user.phoneId, freshPhone(), proof)).status).toBe(200);
  });

  test('T29 takes a proof of its own purpose, of its own user, once', async () => {
    const user = await phoneUser();
    const other = await phoneUser();
    const refused = async (proof: string | undefined, code: string) =>
      expect(await put(user.phoneId, freshPhone(), proof)).toMatchObject({ status: 422, body: { code } });
    await refused(undefined, 'proof_required');
    await refused('a.b.c', 'proof_invalid');
    for (const purpose of [
      'login',
      'add_device',
      'remove_device',
      'disable',
      'regenerate_recovery_codes',
      'transaction',
    ]) {
      await refused(await panel.proof(user, purpose), 'proof_invalid');
    }
    await refused(await panel.proof(other, 'change_phone'), 'proof_invalid');
    const used = await panel.proof(user, 'change_phone');
    expect((await put(user.phoneId, freshPhone(), used)).status).toBe(200);
    await refused(used, 'proof_invalid');
    // 2FA switched off does not open it either.
    await panel.sql('update app_user set two_factor_since = null where external_id = $1', [user.userId]);
    await refused(undefined, 'proof_required');
  });

  test('T29 one proof in 20 parallel calls begins one change', async () => {
    const user = await phoneUser();
    const proof = await panel.proof(user, 'change_phone');
    const counts = tally(await inParallel(20, () => put(user.phoneId, freshPhone(), proof)));
    expect(counts).toEqual({ '200': 1, '422 proof_invalid': 19 });
  });

  test('T17 counts against the new number across the tenant, and against the user and the new number', async () => {
    const number = freshPhone();
    const user = await phoneUser({ code: { resendAfterSeconds: 0, maxSends: 10 } });
    const quota = async () => (await show(user.phoneId)).quota.used;
    const before = await quota();
    for (let sent = 0; sent < 15; sent += 1) expect((await change(user, number)).status).toBe(200);
    expect(await change(user, number)).toMatchObject({ status: 429, body: { code: 'sms_quota_exceeded' } });
    // Not the old number's.
    expect(await quota()).toBe(before);
    const stranger = await phoneUser();
    expect((await change(stranger, number)).body.code).toBe('sms_quota_exceeded');
    expect((await change(stranger)).status).toBe(200);
  });
});
