import { describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import { wrongTotp } from '../../support/gateway-harness.js';
import { freshPhone, smsUser } from '../../support/sms-user.js';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('accounts and users', () => {
  test('PATCH changes a user as PUT does, and makes none', async () => {
    const { path } = await panel.user();
    const profile = { displayName: 'Name', email: 'name@panel.example', phone: '+31612345678', locale: 'de' };
    await call('PUT', path, profile);
    expect(await call('PATCH', path, { displayName: null, locale: 'nl' })).toMatchObject({
      status: 200,
      body: { ...profile, displayName: null, locale: 'nl' },
    });
    expect(await call('PATCH', path, {})).toMatchObject({ body: { ...profile, displayName: null, locale: 'nl' } });
    expect(await call('PATCH', path, { kind: 'service' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/kind' }] },
    });
    expect((await call('PATCH', `${path}-none`, { displayName: 'Name' })).status).toBe(404);
    expect((await call('GET', `${path}-none`)).status).toBe(404);
  });

  test('keep what an upsert leaves out, and lose what it sets to null', async () => {
    await call('PUT', '/v1/accounts/kept', { name: 'Name', locale: 'nl' });
    expect(await call('PUT', '/v1/accounts/kept', {})).toMatchObject({
      body: { id: 'kept', name: 'Name', locale: 'nl', createdAt: time },
    });
    expect(await call('PUT', '/v1/accounts/kept', { name: null })).toMatchObject({
      body: { name: null, locale: 'nl' },
    });
    const path = '/v1/accounts/kept/users/u';
    const profile = { displayName: 'Name', email: 'name@panel.example', phone: '+31612345678', locale: 'de' };
    await call('PUT', path, profile);
    expect(await call('PUT', path, {})).toMatchObject({ body: { ...profile, kind: 'person' } });
    expect(await call('PUT', path, { email: null, locale: null })).toMatchObject({
      body: { displayName: 'Name', email: null, phone: '+31612345678', locale: null },
    });
  });

  test('a user never changes its kind', async () => {
    const { path } = await panel.user(panel, { kind: 'service' });
    expect(await call('PUT', path, { kind: 'person' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/kind' }] },
    });
    expect(await call('PUT', path, { displayName: 'Robot' })).toMatchObject({ status: 200, body: { kind: 'service' } });
  });

  test('a user is made in an account that exists', async () => {
    expect(await call('PUT', '/v1/accounts/nowhere/users/u', {})).toMatchObject({ status: 404 });
    expect(await call('GET', '/v1/accounts/nowhere/users')).toMatchObject({ status: 404 });
  });

  test('an upsert never touches a verified device', async () => {
    const user = await smsUser(panel, call);
    const before = (await call('GET', `/v1/devices/${user.deviceId}`)).body;
    await call('PUT', user.path, { phone: freshPhone() });
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body).toEqual({ ...before, phoneDiffers: true });
  });

  test('a user is shown whole', async () => {
    const user = await panel.totpUser();
    await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
    const id = await panel.challenge(user);
    await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) });
    const { body } = await call('GET', user.path);
    expect(body).toMatchObject({
      id: user.userId,
      accountId: user.accountId,
      kind: 'person',
      twoFactor: { status: 'enabled', since: time },
      devices: [{ id: user.deviceId, status: 'verified', isDefault: true, lockedUntil: time }],
      recoveryCodesLeft: 10,
      lockouts: [{ subject: 'device', deviceId: user.deviceId, wrongCodes: 5, endedAt: null }],
    });
    expect(body.devices).toEqual((await call('GET', `${user.path}/devices`)).body.data);
    expect(body.lockouts).toEqual((await call('GET', `${user.path}/lockouts`)).body.data);
    expect(body.devices[0]).toEqual((await call('GET', `/v1/devices/${user.deviceId}`)).body);
  });

  test('an erased user is gone with all that was its own', async () => {
    const user = await smsUser(panel, call);
    await panel.challenge(user);
    expect((await call('DELETE', user.path)).status).toBe(204);
    expect((await call('GET', user.path)).status).toBe(404);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).status).toBe(404);
    expect((await call('DELETE', user.path)).status).toBe(404);
    expect((await call('PUT', user.path, {})).body).toMatchObject({
      devices: [],
      twoFactor: { status: 'disabled', since: null },
    });
  });
});
