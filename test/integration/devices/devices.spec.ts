import { describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import { totp } from '../../support/gateway-harness.js';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('devices', () => {
  test('are shown masked, with the quota of the day', async () => {
    const user = await panel.user(panel, { email: 'somebody@panel.example', phone: '+31620000001' });
    // Their own address, where none is given.
    const sms = await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone' });
    const mail = await call('POST', `${user.path}/devices`, { method: 'email', name: 'Mail' });
    expect(sms.body).toMatchObject({
      maskedAddress: '+31*****01',
      quota: { limit: 15, used: 1, resetsAt: time },
      enrolmentExpiresAt: time,
    });
    expect(mail.body).toMatchObject({ maskedAddress: 's***@panel.example' });
    expect(mail.body).not.toHaveProperty('quota');
    const { totp: _, send: __, ...shown } = sms.body;
    expect((await call('GET', `/v1/devices/${sms.body.id}`)).body).toEqual(shown);
    expect(JSON.stringify((await call('GET', `${user.path}/devices`)).body)).not.toMatch(/31620000001|somebody/);
  });

  test('without an address take none that is not there', async () => {
    const { path } = await panel.user();
    for (const [method, pointer] of [
      ['sms', '/phone'],
      ['email', '/email'],
    ]) {
      expect(await call('POST', `${path}/devices`, { method, name: 'Name' })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer }] },
      });
    }
  });

  test('of an app show their seed once, as text, address and picture of one seed', async () => {
    const user = await panel.user(panel, { email: 'name@panel.example' });
    const { body } = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    expect(body.totp.secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(body.totp.uri);
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.searchParams.get('secret')).toBe(body.totp.secret);
    expect(body.totp.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(Buffer.from(body.totp.qrCode.split(',')[1], 'base64').toString()).toMatch(/^<svg /);
    expect(JSON.stringify((await call('GET', `/v1/devices/${body.id}`)).body)).not.toContain(body.totp.secret);
  });

  test('are renamed, and one is offered first', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const added = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' }, headers)).body;
    await call('POST', `/v1/devices/${added.id}/verify`, { code: totp(added.totp.secret) });
    expect(await call('PATCH', `/v1/devices/${added.id}`, { name: '  Work  ', isDefault: true })).toMatchObject({
      status: 200,
      body: { name: 'Work', isDefault: true },
    });
    const { data } = (await call('GET', `${user.path}/devices`)).body;
    expect(data.map(({ name, isDefault }: { name: string; isDefault: boolean }) => [name, isDefault])).toEqual([
      ['App', false],
      ['Work', true],
    ]);
    expect(await call('PATCH', `/v1/devices/${added.id}`, { isDefault: false })).toMatchObject({ status: 400 });
    const remove = { 'sallyport-proof': await panel.proof(user, 'remove_device') };
    expect((await call('DELETE', `/v1/devices/${added.id}`, undefined, remove)).status).toBe(204);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body.isDefault).toBe(true);
  });

  test("a user's first verified one switches two-factor authentication on and ends the other enrolments", async () => {
    const user = await panel.user();
    const one = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'One' })).body;
    const two = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Two' })).body;
    const verified = await call('POST', `/v1/devices/${two.id}/verify`, { code: totp(two.totp.secret) });
    expect(verified.body.recoveryCodes).toHaveLength(10);
    expect((await call('GET', user.path)).body).toMatchObject({
      twoFactor: { status: 'enabled' },
      devices: [{ id: two.id }],
    });
    expect((await call('POST', `/v1/devices/${one.id}/verify`, { code: totp(one.totp.secret) })).status).toBe(404);
  });

  test('that are removed end in open challenges too', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const added = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' }, headers)).body;
    await call('POST', `/v1/devices/${added.id}/verify`, { code: totp(added.totp.secret) });
    await panel.sql('update device set last_used_step = null where id = $1', [added.id]);
    const id = await panel.challenge(user);
    const remove = { 'sallyport-proof': await panel.proof(user, 'remove_device') };
    await call('DELETE', `/v1/devices/${added.id}`, undefined, remove);
    const body = { deviceId: added.id, code: totp(added.totp.secret) };
    expect(await call('POST', `/v1/challenges/${id}/verify`, body)).toMatchObject({ status: 404 });
  });
});
