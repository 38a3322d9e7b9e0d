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

const reset = (user: TestUser, body: object = { reason: 'Phone lost' }) =>
  call('POST', `${user.path}/two-factor/reset`, body);

describe('an administrator resets a user', () => {
  test('who is left as one who never enrolled, with words about who did it and why', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { twoFactor: { required: 'all' }, ...trusting });
    const trustedBrowser = await trust(user);
    const pending = await panel.challenge(user);
    await panel.sql('update device set wrong_codes = 4, locked_until = null where id = $1', [user.deviceId]);
    await call('POST', `/v1/challenges/${pending}/verify`, { code: wrongTotp(user.secret) });
    expect(await shown(user)).toMatchObject({ lockouts: [{ subject: 'device' }] });

    const answer = await reset(user, { reason: 'Phone lost on the train', actor: 'Ada' });
    expect(answer).toMatchObject({ status: 200, body: disabled });
    expect(await rowsOf(user)).toEqual({ device: 0, recovery_pool: 0, recovery_code: 0, trusted_browser: 0 });
    expect(await shown(user)).toMatchObject({ twoFactor: disabled, devices: [], recoveryCodesLeft: 0, lockouts: [] });
    expect((await call('GET', `/v1/challenges/${pending}`)).body.status).toBe('canceled');

    // The company requires it: the next login enrols, whatever browser it comes from.
    const decision = await decide(user, { trustedBrowser });
    expect(decision).toMatchObject({ decision: 'enroll', reason: 'required_by_policy' });
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'New' })).body;
    const verified = await call('POST', `/v1/devices/${device.id}/verify`, {
      code: totp(device.totp.secret),
      challengeId: decision.challenge.id,
    });
    expect(verified.body).toMatchObject({ proof: expect.any(String), recoveryCodes: expect.any(Array) });

    const names = [
      'two_factor.reset',
      'device.removed',
      'trusted_browser.revoked',
      'challenge.canceled',
      'lockout.ended',
    ];
    const { deviceId } = user;
    expect(await eventsOf(user, names)).toEqual(
      [
        { type: 'challenge.canceled', data: { challengeId: pending, purpose: 'login' }, personal: null },
        {
          type: 'device.removed',
          data: { deviceId, method: 'totp', reason: 'reset' },
          personal: { deviceName: 'App' },
        },
        {
          type: 'lockout.ended',
          data: { lockoutId: expect.stringMatching(/^lck_/), subject: 'device', deviceId, reason: 'removed' },
          personal: null,
        },
        {
          type: 'trusted_browser.revoked',
          data: { trustedBrowserIds: [expect.stringMatching(/^tbr_/)], reason: 'reset' },
          personal: null,
        },
        {
          type: 'two_factor.reset',
          data: { deviceIds: [deviceId] },
          personal: { reason: 'Phone lost on the train', actor: 'Ada' },
        },
      ].toSorted((a, b) => (a.type < b.type ? -1 : 1)),
    );
  });

  test('needs the scope and a reason, but neither proof nor consent of the policy', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { twoFactor: { required: 'all', disableBy: 'admin' } });
    const refused = await call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' }, panelKey);
    expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    for (const body of [{}, { reason: '' }, { reason: '  ' }, { reason: 'x'.repeat(501) }]) {
      expect(await reset(user, body)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/reason' }] } });
    }
    expect((await shown(user)).twoFactor.status).toBe('enabled');
    expect(await reset(user)).toMatchObject({ status: 200, body: disabled });
  });

  test('who had switched it off, or never had it on, is reset too', async () => {
    const user = await panel.totpUser();
    await off(user, await proved(user));
    for (const each of [user, await panel.user()]) {
      expect(await reset(each)).toMatchObject({ status: 200, body: disabled });
      expect(await rowsOf(each)).toEqual({ device: 0, recovery_pool: 0, recovery_code: 0, trusted_browser: 0 });
      expect(await eventsOf(each, ['two_factor.reset'])).toHaveLength(1);
    }
  });

  test('whose proofs of before count no more', async () => {
    const user = await panel.totpUser();
    const old = await proved(user);
    const codes = { 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
    await reset(user);
    expect(await call('POST', `${user.path}/recovery-codes`, undefined, codes)).toMatchObject({
      status: 422,
      body: { code: 'proof_invalid' },
    });
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'New' })).body;
    await call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret) });
    expect(await off(user, old)).toMatchObject({ status: 422, body: { code: 'proof_invalid' } });
  });

  test('and nobody else of the account', async () => {
    const user = await panel.totpUser();
    const neighbour = { ...user, userId: `${user.userId}-b`, path: `${user.path}-b` };
    await call('PUT', neighbour.path, {});
    const device = (await call('POST', `${neighbour.path}/devices`, { method: 'totp', name: 'App' })).body;
    await call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret) });
    await reset(user);
    expect(await shown(neighbour)).toMatchObject({ twoFactor: { status: 'enabled' }, recoveryCodesLeft: 10 });
  });
});

describe("giving the day's SMS back", () => {
  let numbers = 0;
  const limited = { phone: { smsPerDevicePerDay: 2 }, code: { resendAfterSeconds: 0 } };

  async function sms(): Promise<{ user: TestUser; id: string }> {
    const user = await panel.user();
    await setPolicy(user, limited);
    const phone = `+316${String(14_000_000 + (numbers += 1))}`;
    return { user, id: (await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone })).body.id };
  }

  test('of a verified device begins its day anew', async () => {
    const { user, id } = await sms();
    await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
    const send = async () => (await decide(user)).challenge.send;
    expect((await send()).deliveryId).toEqual(expect.any(String));
    expect((await send()).code).toBe('sms_quota_exceeded');

    expect((await call('DELETE', `/v1/devices/${id}/quota`, undefined, panelKey)).status).toBe(403);
    expect((await call('DELETE', `/v1/devices/${id}/quota`)).status).toBe(204);
    expect((await call('GET', `/v1/devices/${id}`)).body.quota).toMatchObject({ limit: 2, used: 0 });
    expect((await send()).quota).toMatchObject({ limit: 2, used: 1 });
    expect(await eventsOf(user, ['code.quota_restored'])).toEqual([
      {
        type: 'code.quota_restored',
        data: { deviceId: id, method: 'sms', used: 2 },
        personal: null,
      },
    ]);
    // The number's own count across the tenant is for enrolments: it stays.
    const [row] = await panel.sql<{ used: number }>(
      'select q.sent as used from send_window q join device d on d.address_mac = q.key where d.id = $1',
      [id],
    );
    expect(row?.used).toBe(1);
  });

  test('of an unverified device gives back what its number has used too, or it would give nothing', async () => {
    const { id } = await sms();
    await panel.sql('update send_window q set sent = 15 from device d where d.id = $1 and q.key = d.address_mac', [id]);
    const resend = () => call('POST', `/v1/devices/${id}/codes`);
    expect(await resend()).toMatchObject({ status: 429, body: { code: 'sms_quota_exceeded' } });
    expect((await call('DELETE', `/v1/devices/${id}/quota`)).status).toBe(204);
    expect(await resend()).toMatchObject({ status: 202, body: { quota: { used: 1 } } });
  });

  test('that were not used does nothing', async () => {
    const { user, id } = await sms();
    await panel.sql(`update send_window set starts_at = starts_at - interval '1 day'`);
    const before = await readRows(panel);
    expect((await call('DELETE', `/v1/devices/${id}/quota`)).status).toBe(204);
    expect(await readRows(panel)).toEqual(before);
    expect(await eventsOf(user, ['code.quota_restored'])).toEqual([]);
  });

  test("counts the day in the account's time zone", async () => {
    const { user, id } = await sms();
    await setPolicy(user, { phone: { timeZone: 'Pacific/Kiritimati' } });
    await panel.sql(
      `update send_window q set sent = 5, starts_at = (now() at time zone 'Pacific/Kiritimati')::date::timestamp at time zone 'UTC'
       from device d where d.id = $1 and q.key = d.quota_key`,
      [id],
    );
    expect((await call('GET', `/v1/devices/${id}`)).body.quota.used).toBe(5);
    expect((await call('DELETE', `/v1/devices/${id}/quota`)).status).toBe(204);
    expect((await call('GET', `/v1/devices/${id}`)).body.quota.used).toBe(0);
  });
});
