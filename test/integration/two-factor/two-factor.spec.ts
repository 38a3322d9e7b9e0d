import { describe, expect, test } from '@jest/globals';
import { totp, wrongTotp, type TestUser } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';
import {
  call,
  decide,
  disabled,
  eventsOf,
  off,
  panel,
  panelKey,
  proved,
  rowsOf,
  setPolicy,
  shown,
  trust,
  trusting,
} from '../../support/two-factor-people.js';

const on = (user: TestUser) => call('PUT', `${user.path}/two-factor`, { enabled: true });
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('switching two-factor authentication off', () => {
  test('takes a proof, keeps the devices, and is in force with the next decision', async () => {
    const user = await panel.totpUser();
    const { since } = (await shown(user)).twoFactor;
    expect(await off(user, panelKey)).toMatchObject({ status: 422, body: { code: 'proof_required' } });
    expect((await shown(user)).twoFactor).toEqual({ status: 'enabled', since });

    const answer = await off(user, { ...panelKey, ...(await proved(user)) });
    expect(answer).toMatchObject({ status: 200, body: disabled });
    expect(answer.body).toEqual((await shown(user)).twoFactor);
    expect(await decide(user)).toEqual({ decision: 'allow', reason: 'two_factor_off' });
    expect(await shown(user)).toMatchObject({
      devices: [{ id: user.deviceId, status: 'verified', isDefault: true }],
      recoveryCodesLeft: 10,
    });
    expect(await eventsOf(user, ['two_factor.disabled', 'device.removed'])).toEqual([
      { type: 'two_factor.disabled', data: { by: 'user', devices: 'kept' }, personal: null },
    ]);
  });

  test('is approved by a recovery code too, for whoever has lost the device', async () => {
    const user = await panel.totpUser();
    const id = await panel.challenge(user, { purpose: 'disable' });
    const { body } = await call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: user.recoveryCodes[0] });
    expect(await off(user, { 'sallyport-proof': body.proof })).toMatchObject({ status: 200, body: disabled });
  });

  test('takes none where the policy says so', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { proofRequired: { disable: false } });
    expect(await off(user, panelKey)).toMatchObject({ status: 200, body: disabled });
  });

  test('that is off changes nothing, and takes no proof', async () => {
    const user = await panel.totpUser();
    await off(user, await proved(user));
    const before = await readRows(panel);
    for (const each of [user, await panel.user()]) {
      expect(await off(each, panelKey)).toMatchObject({ status: 200, body: disabled });
    }
    const { account: _, app_user: __, event: ___, ...unchanged } = before;
    expect(await readRows(panel)).toMatchObject(unchanged);
  });

  test('where devices do not stay, takes all that was enrolled: on again means a new QR code', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { twoFactor: { onDisable: 'remove' }, ...trusting });
    await trust(user);
    const more = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const second = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' }, more);
    expect(await rowsOf(user)).toEqual({ device: 2, recovery_pool: 1, recovery_code: 10, trusted_browser: 1 });

    expect(await off(user, await proved(user))).toMatchObject({ status: 200, body: disabled });
    expect(await rowsOf(user)).toEqual({ device: 0, recovery_pool: 0, recovery_code: 0, trusted_browser: 0 });
    expect(await shown(user)).toMatchObject({ devices: [], recoveryCodesLeft: 0, lockouts: [] });
    expect(await on(user)).toMatchObject({ status: 409, body: { code: 'device_not_verified' } });
    const removed = (deviceId: string, deviceName: string) => ({
      type: 'device.removed',
      data: { deviceId, method: 'totp', reason: 'two_factor_disabled' },
      personal: { deviceName },
    });
    const told = await eventsOf(user, ['two_factor.disabled', 'device.removed', 'trusted_browser.revoked']);
    expect(told).toHaveLength(4);
    expect(told).toEqual(
      expect.arrayContaining([
        removed(user.deviceId, 'App'),
        removed(second.body.id, 'Second'),
        { type: 'two_factor.disabled', data: { by: 'user', devices: 'removed' }, personal: null },
        {
          type: 'trusted_browser.revoked',
          data: { trustedBrowserIds: [expect.stringMatching(/^tbr_/)], reason: 'two_factor_disabled' },
          personal: null,
        },
      ]),
    );

    // As at the very first time: no proof, new recovery codes, on with the first verified device.
    const again = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    expect(again.status).toBe(201);
    expect(again.body.totp.secret).not.toBe(user.secret);
    const verified = await call('POST', `/v1/devices/${again.body.id}/verify`, { code: totp(again.body.totp.secret) });
    expect(verified.body.recoveryCodes).toHaveLength(10);
    expect((await shown(user)).twoFactor).toEqual({ status: 'enabled', since: time });
    const id = await panel.challenge(user);
    const old = await call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: user.recoveryCodes[0] });
    expect(old).toMatchObject({ status: 422, body: { code: 'recovery_code_invalid' } });
  });

  test('only by an administrator: a key without that scope is refused whatever it brings', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { twoFactor: { disableBy: 'admin' } });
    const refused = await off(user, { ...panelKey, ...(await proved(user)) });
    expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    expect(refused.body.detail).toMatch(/Only an administrator/);
    expect((await shown(user)).twoFactor.status).toBe('enabled');

    expect(await off(user, {}, { actor: 'Ada, help desk' })).toMatchObject({ status: 200, body: disabled });
    expect(await eventsOf(user, ['two_factor.disabled'])).toEqual([
      {
        type: 'two_factor.disabled',
        data: { by: 'admin', devices: 'kept' },
        personal: { actor: 'Ada, help desk' },
      },
    ]);
  });

  test('elsewhere an administrator needs the proof as well', async () => {
    const user = await panel.totpUser();
    expect(await off(user)).toMatchObject({ status: 422, body: { code: 'proof_required' } });
  });

  test.each([['user'], ['admin']])('is refused where the company requires it (disableBy %s)', async (disableBy) => {
    const user = await panel.totpUser();
    const headers = await proved(user);
    await setPolicy(user, { twoFactor: { required: 'all', disableBy } });
    expect(await off(user, headers)).toMatchObject({ status: 409, body: { code: 'two_factor_required' } });
    const past = new Date(Date.now() - 1000).toISOString();
    await setPolicy(user, { twoFactor: { required: 'all', graceUntil: past, disableBy } });
    expect(await off(user, headers)).toMatchObject({ status: 409, body: { code: 'two_factor_required' } });
    expect((await decide(user)).decision).toBe('challenge');
    // The refusals left the proof unused; within the grace period it is not required yet.
    await setPolicy(user, {
      twoFactor: { required: 'all', graceUntil: new Date(Date.now() + 3_600_000).toISOString(), disableBy },
    });
    expect(await off(user, headers)).toMatchObject({ status: 200, body: disabled });
    expect((await decide(user)).reason).toBe('grace_period');
  });

  test('ends what is being checked: the login begins again and hears "allow"', async () => {
    const user = await panel.totpUser();
    const login = await panel.challenge(user);
    const step = await panel.challenge(user, { purpose: 'transaction', detail: 'Delete' });
    await off(user, await proved(user));
    for (const id of [login, step]) {
      expect((await call('GET', `/v1/challenges/${id}`)).body).toMatchObject({ status: 'canceled', endedAt: time });
      const late = await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) });
      expect(late).toMatchObject({ status: 409, body: { code: 'challenge_not_pending' } });
    }
    expect(await decide(user)).toEqual({ decision: 'allow', reason: 'two_factor_off' });
    const told = await eventsOf(user, ['challenge.canceled']);
    expect(told.map(({ data }) => data)).toEqual(
      expect.arrayContaining([
        { challengeId: login, purpose: 'login' },
        { challengeId: step, purpose: 'transaction' },
      ]),
    );
    expect(told).toHaveLength(2);
    // What had ended before is left as it was.
    const approved = await panel.sql(`select from challenge where purpose = 'disable' and status = 'approved'`);
    expect(approved.length).toBeGreaterThan(0);
  });

  test('ends the trusted browsers: on again, each is asked for a code', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, trusting);
    const trustedBrowser = await trust(user);
    expect((await decide(user, { trustedBrowser })).reason).toBe('trusted_browser');
    await off(user, await proved(user));
    await on(user);
    expect((await decide(user, { trustedBrowser })).decision).toBe('challenge');
    expect((await call('GET', `${user.path}/trusted-browsers`)).body.data).toEqual([]);
  });

  test('leaves the counters of kept devices alone', async () => {
    const user = await panel.totpUser();
    const headers = await proved(user);
    await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
    const id = await panel.challenge(user);
    await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) });
    await off(user, headers);
    expect(await shown(user)).toMatchObject({ devices: [{ lockedUntil: time }], lockouts: [{ wrongCodes: 5 }] });
  });
});

describe('switching two-factor authentication on', () => {
  test('needs a verified device, and takes the ones that were kept', async () => {
    const user = await panel.totpUser();
    await off(user, await proved(user));
    const answer = await on(user);
    expect(answer).toMatchObject({ status: 200, body: { status: 'enabled', since: time } });
    expect(answer.body).toEqual((await shown(user)).twoFactor);
    expect((await decide(user)).decision).toBe('challenge');
    expect(await eventsOf(user, ['two_factor.enabled'])).toHaveLength(2);
    // Once more changes nothing.
    expect((await on(user)).body).toEqual(answer.body);
    expect(await eventsOf(user, ['two_factor.enabled'])).toHaveLength(2);
  });

  test.each([
    ['none', async () => panel.user()],
    [
      'an unverified one',
      async () => {
        const user = await panel.user();
        await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
        return user;
      },
    ],
    [
      'a disabled one',
      async () => {
        const user = await panel.totpUser();
        await off(user, await proved(user));
        await panel.sql(`update device set status = 'disabled' where id = $1`, [user.deviceId]);
        return user;
      },
    ],
    ['a service user', async () => panel.user(panel, { kind: 'service' })],
  ])('is refused with %s', async (_, make) => {
    const user = await make();
    const before = await readRows(panel);
    const refused = await on(user);
    expect(refused).toMatchObject({ status: 409, body: { code: 'device_not_verified' } });
    expect(refused.body.detail).toMatch(/no verified device/);
    expect(await readRows(panel)).toEqual(before);
  });
});

describe('a service user', () => {
  test('logs in to the API alone, and has no second factor', async () => {
    const user = await panel.user(panel, { kind: 'service' });
    for (const policy of [{}, { twoFactor: { required: 'all' } }]) {
      await setPolicy(user, policy);
      expect(await decide(user, { purpose: 'api_login' })).toEqual({ decision: 'allow', reason: 'service_user' });
      const refused = await decide(user);
      expect(refused).toMatchObject({ decision: 'deny', reason: 'service_user_interactive' });
      expect(refused.detail).toMatch(/for the API only/);
      for (const method of ['totp', 'sms', 'email']) {
        const enrolment = await call('POST', `${user.path}/devices`, { method, name: 'Name' });
        expect(enrolment).toMatchObject({ status: 422, body: { code: 'method_not_allowed' } });
        expect(enrolment.body.detail).toMatch(/service user/);
      }
    }
    expect((await shown(user)).devices).toEqual([]);
  });

  test('is what a person cannot become, nor the other way round', async () => {
    const person = await panel.totpUser();
    const service = await panel.user(panel, { kind: 'service' });
    expect((await call('PUT', person.path, { kind: 'service' })).status).toBe(400);
    expect((await call('PUT', service.path, { kind: 'person' })).status).toBe(400);
    expect((await shown(person)).kind).toBe('person');
  });

  test('is what a person needs for the API, who has two-factor authentication on', async () => {
    const user = await panel.totpUser();
    const refused = await decide(user, { purpose: 'api_login' });
    expect(refused).toMatchObject({ decision: 'deny', reason: 'two_factor_user' });
    expect(refused.detail).toMatch(/Use an API-only user/);
    await off(user, await proved(user));
    expect(await decide(user, { purpose: 'api_login' })).toEqual({ decision: 'allow', reason: 'two_factor_off' });
  });
});
