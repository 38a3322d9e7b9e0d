import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openPersonal } from '#persistence';
import { ApiDescription } from '../../support/api-description.js';
import {
  startPanel,
  totp,
  wrongTotp,
  type Call,
  type EnrolledTotp,
  type TestPanel,
  type TestUser,
} from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let call: Call;
/** A key with every scope but `admin`, as the panel's own would be. */
let panelKey: { authorization: string };
beforeAll(async () => {
  panel = await startPanel();
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
  panelKey = { authorization: `Bearer ${await panel.key(['accounts', 'devices', 'challenges', 'audit'])}` };
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

const setPolicy = async (user: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy)).status).toBe(200);
};
const off = (user: TestUser, headers: Record<string, string> = {}, more: object = {}) =>
  call('PUT', `${user.path}/two-factor`, { enabled: false, ...more }, headers);
const on = (user: TestUser) => call('PUT', `${user.path}/two-factor`, { enabled: true });
const reset = (user: TestUser, body: object = { reason: 'Phone lost' }) =>
  call('POST', `${user.path}/two-factor/reset`, body);
const proved = async (user: EnrolledTotp) => ({ 'sallyport-proof': await panel.proof(user, 'disable') });
const shown = async (user: TestUser) => (await call('GET', user.path)).body;
const decide = async ({ accountId, userId }: TestUser, more: object = {}) =>
  (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more })).body;
const disabled = { status: 'disabled', since: null };
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

interface ToldEvent {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly personal: unknown;
}

/** Events of a user since `after`, in order, what is personal in them opened. */
async function eventsOf(user: TestUser, types: readonly string[]): Promise<ToldEvent[]> {
  const rows = await panel.sql<ToldEvent & { id: string; sealed: Buffer | null; key: Buffer; ref: string }>(
    `select e.id, e.type, e.data - 'apiKeyId' as data, e.personal_sealed as sealed, u.event_key_sealed as key, u.id as ref
     from event e join app_user u on u.id = e.user_ref where e.user_id = $1 and e.type = any ($2) order by e.type, e.id`,
    [user.userId, types],
  );
  return rows.map(({ id, type, data, sealed, key, ref }) => ({
    type,
    data,
    personal: sealed && openPersonal(panel.sealer.open('event-key', ref, key), id, sealed),
  }));
}

const owned = ['device', 'recovery_pool', 'recovery_code', 'trusted_browser'];
/** How many rows a user has in each of these tables. */
async function rowsOf(user: TestUser): Promise<Record<string, number>> {
  const counts = owned.map(
    (table) =>
      `(select count(*)::int from ${table} x join app_user u on u.id = x.user_id where u.external_id = $1) as "${table}"`,
  );
  const [row] = await panel.sql<Record<string, number>>(`select ${counts.join(', ')}`, [user.userId]);
  return row ?? {};
}

/** Makes a browser trusted by the user's app. @returns its token */
async function trust(user: EnrolledTotp): Promise<string> {
  const id = await panel.challenge(user);
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const body = { deviceId: user.deviceId, code: totp(user.secret), rememberBrowser: true };
  const answer = await call('POST', `/v1/challenges/${id}/verify`, body);
  expect(answer.body.trustedBrowser).toEqual(expect.any(String));
  return answer.body.trustedBrowser;
}

const trusting = { trustedBrowser: { allowed: true } };

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
