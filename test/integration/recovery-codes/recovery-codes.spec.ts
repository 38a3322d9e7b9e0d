import { describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import { totp, type TestUser } from '../../support/gateway-harness.js';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('recovery codes', () => {
  test('live once each, die with their set, and are told apart by their user', async () => {
    const user = await panel.totpUser();
    const path = `${user.path}/recovery-codes`;
    expect((await call('GET', path)).body).toEqual({
      recoveryCodesLeft: 10,
      left: 10,
      generatedAt: time,
      acknowledgedAt: null,
    });
    expect((await call('POST', `${path}/acknowledge`)).body).toEqual({
      recoveryCodesLeft: 10,
      left: 10,
      generatedAt: time,
      acknowledgedAt: time,
    });
    const acknowledged = (await call('POST', `${path}/acknowledge`)).body;
    expect((await call('GET', path)).body).toEqual(acknowledged);

    const use = async (recoveryCode: string, of: TestUser = user) =>
      call('POST', `/v1/challenges/${await panel.challenge(of)}/verify`, { recoveryCode });
    const [first = '', second = '', third = '', fourth = ''] = user.recoveryCodes;
    expect(await use(first)).toMatchObject({ status: 200, body: { recoveryCodesLeft: 9 } });
    // As people type them.
    expect(await use(` ${second.toUpperCase().replaceAll('-', ' ')}`)).toMatchObject({
      status: 200,
      body: { recoveryCodesLeft: 8 },
    });
    expect(await use(third.replaceAll('-', '').replaceAll('1', 'l').replaceAll('0', 'O'))).toMatchObject({
      body: { recoveryCodesLeft: 7 },
    });
    expect(await use(fourth, await panel.totpUser())).toMatchObject({
      status: 422,
      body: { code: 'recovery_code_invalid' },
    });
    expect((await call('GET', path)).body.left).toBe(7);

    const headers = { 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
    const made = await call('POST', path, undefined, headers);
    expect(made).toMatchObject({ status: 201, body: { left: 10 } });
    expect(new Set([...made.body.recoveryCodes, ...user.recoveryCodes]).size).toBe(20);
    for (const code of made.body.recoveryCodes)
      expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    expect((await call('GET', path)).body).toMatchObject({ left: 10, acknowledgedAt: null });
    expect(await use(fourth)).toMatchObject({ status: 422, body: { code: 'recovery_code_invalid' } });
    expect(await use(made.body.recoveryCodes[0])).toMatchObject({ status: 200, body: { recoveryCodesLeft: 9 } });
  });

  test('have a counter of their own', async () => {
    const user = await panel.totpUser();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { challenge: { maxChecks: 10 } });
    const id = await panel.challenge(user);
    const guess = () => call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: '0000-0000-0000-0000' });
    // The challenge has an end, the codes have no lock: 80 random bits need none.
    for (let left = 9; left > 1; left -= 1) {
      expect(await guess()).toMatchObject({ status: 422, body: { code: 'recovery_code_invalid', attemptsLeft: left } });
    }
    expect((await call('GET', `${user.path}/lockouts`)).body.data).toEqual([]);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body.lockedUntil).toBeNull();
    expect(await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) })).toMatchObject({
      status: 200,
    });
  });

  test('are as many as the policy says, or none', async () => {
    const user = await panel.user();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { recoveryCodes: { count: 0 } });
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    const verified = await call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret) });
    expect(verified.body).not.toHaveProperty('recoveryCodes');
    expect((await call('GET', `${user.path}/recovery-codes`)).body).toEqual({
      recoveryCodesLeft: 0,
      left: 0,
      generatedAt: null,
      acknowledgedAt: null,
    });
    expect((await call('POST', `${user.path}/recovery-codes/acknowledge`)).status).toBe(200);
    const id = await panel.challenge(user);
    expect((await call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: '0000-0000-0000-0000' })).status).toBe(
      400,
    );
    const owner = { ...user, deviceId: device.id, secret: device.totp.secret, recoveryCodes: [] };
    const headers = { 'sallyport-proof': await panel.proof(owner, 'regenerate_recovery_codes') };
    expect(await call('POST', `${user.path}/recovery-codes`, undefined, headers)).toMatchObject({
      status: 422,
      body: { code: 'method_not_allowed' },
    });
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { recoveryCodes: { count: 3 } });
    expect((await call('POST', `${user.path}/recovery-codes`, undefined, headers)).body.recoveryCodes).toHaveLength(3);
  });
});
