import { describe, expect, test } from '@jest/globals';
import { otherCode, totp, type TestUser } from '../../support/gateway-harness.js';
import { addMessageDevice, call, decide, panel, setPolicy, time, users } from '../../support/decisions.js';

/** A proof by a phone. */
async function smsProof(user: TestUser & { readonly deviceId: string }, purpose: string): Promise<string> {
  const id = await panel.challenge(user, { purpose });
  const { body } = await call('POST', `/v1/challenges/${id}/verify`, { code: await panel.sentCode(user.deviceId) });
  return body.proof;
}

describe('a challenge', () => {
  test('lists what may answer it, a locked device with the end of its lock', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const phoneId = await addMessageDevice(user, 'sms', headers);
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    const { challenge: opened } = await decide(user);
    expect(opened).toMatchObject({ recoveryCodesAvailable: true, application: null, purpose: 'login' });
    expect(opened.devices).toEqual([
      {
        id: user.deviceId,
        name: 'App',
        method: 'totp',
        maskedAddress: null,
        isDefault: true,
        lockedUntil: time,
        allowed: true,
      },
      {
        id: phoneId,
        name: 'sms',
        method: 'sms',
        maskedAddress: expect.stringMatching(/^\+31\*+\d\d$/),
        isDefault: false,
        lockedUntil: null,
        allowed: true,
      },
    ]);
    const left = Date.parse(opened.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(590_000);
    expect(left).toBeLessThanOrEqual(601_000);
  });

  test('does not offer recovery codes for what they cannot approve', async () => {
    const user = await panel.totpUser();
    for (const [purpose, offered] of [
      ['login', true],
      ['add_device', true],
      ['change_phone', true],
      ['disable', true],
      ['remove_device', false],
      ['regenerate_recovery_codes', false],
      ['transaction', false],
    ] as const) {
      expect((await decide(user, { purpose })).challenge.recoveryCodesAvailable).toBe(offered);
    }
  });

  test('does not list unverified or disabled devices, nor lets one be named', async () => {
    const user = await users.disabled();
    expect((await decide(user)).challenge.devices).toEqual([]);
    const fresh = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(fresh, 'add_device') };
    const { body } = await call('POST', `${fresh.path}/devices`, { method: 'totp', name: 'New' }, headers);
    expect((await decide(fresh)).challenge.devices).toHaveLength(1);
    const { accountId, userId } = fresh;
    expect(await call('POST', '/v1/challenges', { accountId, userId, deviceId: body.id })).toMatchObject({
      status: 404,
    });
  });

  test('carries the application of the key, which no call can change', async () => {
    const user = await panel.totpUser();
    const headers = { authorization: `Bearer ${await panel.key(['challenges'], 'emergency')}` };
    const { accountId, userId } = user;
    const open = (more: object) => call('POST', '/v1/challenges', { accountId, userId, ...more }, headers);
    expect((await open({})).body.challenge.application).toBe('emergency');
    expect((await open({ application: 'emergency' })).status).toBe(201);
    expect(await open({ application: 'panel' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/application', detail: expect.stringContaining('"emergency"') }] },
    });
    const named = await call('POST', '/v1/challenges', { accountId, userId, application: 'panel' });
    expect(named.body.challenge.application).toBe('panel');
  });

  test('that names a device is for that one, and for recovery codes', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const phoneId = await addMessageDevice(user, 'sms', headers);
    const { challenge: opened } = await decide(user, { deviceId: phoneId });
    expect(opened.devices.map(({ id }: { id: string }) => id)).toEqual([phoneId]);
    expect(opened.send).toMatchObject({ deliveryId: expect.stringMatching(/^dlv_/) });
    const path = `/v1/challenges/${opened.id}/verify`;
    const code = totp(user.secret, 1);
    expect(await call('POST', path, { deviceId: user.deviceId, code })).toMatchObject({ status: 404 });
    expect(await call('POST', path, { code: await panel.sentCode(phoneId) })).toMatchObject({ status: 200 });
  });

  test('supersedes no other: each stays open with a code of its own', async () => {
    const user = await users.sms();
    const first = await decide(user);
    const firstCode = await panel.sentCode(user.deviceId);
    const second = await decide(user);
    const secondCode = await panel.sentCode(user.deviceId);
    const verify = (id: string, code: string) => call('POST', `/v1/challenges/${id}/verify`, { code });
    if (firstCode !== secondCode) {
      expect(await verify(second.challenge.id, firstCode)).toMatchObject({
        status: 422,
        body: { code: 'code_invalid' },
      });
    }
    expect(await verify(first.challenge.id, firstCode)).toMatchObject({ status: 200 });
    expect(await verify(second.challenge.id, secondCode)).toMatchObject({ status: 200 });
  });

  test('asks which device, where there are several', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    await addMessageDevice(user, 'email', headers);
    const { challenge: opened } = await decide(user);
    const path = `/v1/challenges/${opened.id}/verify`;
    await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
    const code = totp(user.secret);
    expect(await call('POST', path, { code })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/deviceId' }] },
    });
    expect(await call('POST', path, { code, deviceId: user.deviceId })).toMatchObject({ status: 200 });
  });

  test('shows its state to the end', async () => {
    const user = await users.sms();
    const { challenge: opened } = await decide(user, { purpose: 'transaction', detail: 'Delete the server' });
    const show = async () => (await call('GET', `/v1/challenges/${opened.id}`)).body;
    expect(await show()).toMatchObject({
      id: opened.id,
      accountId: user.accountId,
      userId: user.userId,
      status: 'pending',
      purpose: 'transaction',
      attemptsLeft: 5,
      endedAt: null,
      approvedBy: null,
      inForce: false,
      deliveries: [
        { id: opened.send.deliveryId, deviceId: user.deviceId, channel: 'sms', status: 'queued', createdAt: time },
      ],
    });
    await call('POST', `/v1/challenges/${opened.id}/verify`, { code: otherCode(await panel.sentCode(user.deviceId)) });
    expect(await show()).toMatchObject({ status: 'pending', attemptsLeft: 4 });
    await call('POST', `/v1/challenges/${opened.id}/verify`, { code: await panel.sentCode(user.deviceId) });
    expect(await show()).toMatchObject({ status: 'approved', approvedBy: user.deviceId, endedAt: time, inForce: true });
    // Whoever keeps a session by it sees when that should end.
    await panel.sql(`update device set status = 'disabled' where id = $1`, [user.deviceId]);
    expect(await show()).toMatchObject({ status: 'approved', inForce: false });
  });
});

describe('a code is sent at once', () => {
  test('where a phone or an e-mail address is the only usable device', async () => {
    for (const method of ['sms', 'email'] as const) {
      const user = await panel.user();
      const deviceId = await addMessageDevice(user, method);
      const { challenge: opened } = await decide(user);
      expect(opened.send).toEqual({
        deviceId,
        deliveryId: expect.stringMatching(/^dlv_/),
        resendAfter: 30,
        expiresAt: time,
        ...(method === 'sms' ? { quota: { limit: 15, used: 2, resetsAt: time } } : {}),
      });
      expect(await panel.sentCode(deviceId)).toMatch(/^\d{6}$/);
    }
  });

  test('not where there is a choice, until one is named', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const phoneId = await addMessageDevice(user, 'sms', headers);
    const { challenge: opened } = await decide(user);
    expect(opened).not.toHaveProperty('send');
    const sent = await call('POST', `/v1/challenges/${opened.id}/codes`, { deviceId: phoneId });
    expect(sent).toMatchObject({ status: 202, body: { resendAfter: 30, quota: { limit: 15, used: 2 } } });
    // Nor where the phone was there first.
    const other = await users.sms();
    const next = { 'sallyport-proof': await smsProof(other, 'add_device') };
    await addMessageDevice(other, 'email', next);
    expect((await decide(other)).challenge).not.toHaveProperty('send');
    // The other one locked, the phone is the only usable one.
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    expect((await decide(user)).challenge).toHaveProperty('send');
  });

  test('nor for an app, nor for a locked phone', async () => {
    expect((await decide(await panel.totpUser())).challenge).not.toHaveProperty('send');
    const user = await users.sms();
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    expect((await decide(user)).challenge).not.toHaveProperty('send');
  });

  test('and where it is refused, the challenge is open for recovery codes all the same', async () => {
    const user = await users.sms();
    await setPolicy(user, { phone: { smsPerDevicePerDay: 1 } });
    const { challenge: opened } = await decide(user);
    expect(opened).toMatchObject({ status: 'pending', recoveryCodesAvailable: true });
    expect(opened.send).toEqual({
      deviceId: user.deviceId,
      code: 'sms_quota_exceeded',
      detail: expect.stringContaining('authenticator app'),
      userMessage: expect.stringContaining('authenticator app'),
      retryAfter: expect.any(Number),
    });
    expect((await call('GET', `/v1/challenges/${opened.id}`)).body.deliveries).toEqual([]);
  });

  test('and a resend repeats the same code, and does not lengthen its life', async () => {
    const user = await users.sms();
    const { challenge: opened } = await decide(user);
    const code = await panel.sentCode(user.deviceId);
    await panel.passMinute();
    const again = await call('POST', `/v1/challenges/${opened.id}/codes`, { deviceId: user.deviceId });
    expect(again.body).toMatchObject({ expiresAt: opened.send.expiresAt });
    expect(again.body.deliveryId).not.toBe(opened.send.deliveryId);
    expect(await panel.sentCode(user.deviceId)).toBe(code);
  });
});
