import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventNames } from '#contracts';
import { createLogger, loadKeys, type RunningApp } from '#runtime';
import { startAuditWorker } from '../../../apps/audit-worker/src/app.js';
import { ApiDescription } from '../../support/api-description.js';
import { auditState } from '../../support/audit-state.js';
import { tamper } from '../../support/tamper.js';
import {
  startPanel,
  totp,
  wrongTotp,
  type Call,
  type TestPanel,
  type TestTenant,
  type TestUser,
} from '../../support/gateway-harness.js';

let panel: TestPanel;
let api: ApiDescription;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  api = await ApiDescription.read(panel.url);
  call = api.checked(panel.call);
});
afterAll(() => panel.stop());

let numbers = 0;
const phone = () => `+316${String(15_000_000 + (numbers += 1))}`;
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

async function smsUser(at: Call = call, tenant?: TestTenant): Promise<TestUser & { deviceId: string }> {
  const user = await panel.user(tenant);
  const { id } = (await at('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: phone() })).body;
  expect((await at('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
  return { ...user, deviceId: id };
}

/** Every page of a list, one after the other. */
async function pages(at: Call, path: string, limit: number): Promise<{ id: string }[][]> {
  const found: { id: string }[][] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&${path.includes('audit') ? 'after' : 'cursor'}=${cursor}`;
    const { status, body } = await at('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${query}`);
    expect(status).toBe(200);
    found.push(body.data);
    cursor = body.nextCursor;
  } while (cursor !== null && found.length < 100 && found.at(-1)?.length !== 0);
  return found;
}

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
    const user = await smsUser();
    const before = (await call('GET', `/v1/devices/${user.deviceId}`)).body;
    await call('PUT', user.path, { phone: phone() });
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
    const user = await smsUser();
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

describe('lockouts', () => {
  test('double from 30 s to an hour, and disable at the end', async () => {
    const user = await panel.totpUser();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { lockout: { disableAt: 13 } });
    const wait = async (wrongBefore: number) => {
      await panel.sql('update device set wrong_codes = $2, locked_until = null where id = $1', [
        user.deviceId,
        wrongBefore,
      ]);
      const id = await panel.challenge(user);
      const { body } = await call('POST', `/v1/challenges/${id}/verify`, {
        deviceId: user.deviceId,
        code: wrongTotp(user.secret),
      });
      return body.lockedUntil === undefined ? 0 : Math.round((Date.parse(body.lockedUntil) - Date.now()) / 1000);
    };
    for (const [wrong, seconds] of [
      [3, 0],
      [4, 30],
      [5, 60],
      [6, 120],
      [9, 960],
      [10, 1920],
      [11, 3600],
    ] as const) {
      expect(Math.abs((await wait(wrong)) - seconds)).toBeLessThanOrEqual(2);
    }
    expect(await wait(12)).toBe(0);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body).toMatchObject({
      status: 'disabled',
      lockedUntil: null,
    });
    const { data } = (await call('GET', `${user.path}/lockouts`)).body;
    expect(data.map(({ wrongCodes }: { wrongCodes: number }) => wrongCodes)).toEqual([12, 11, 10, 7, 6, 5]);
  });

  test('are lifted by an administrator: counters start anew, a disabled device stays so', async () => {
    const user = await panel.totpUser();
    await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
    const id = await panel.challenge(user);
    await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) });
    expect((await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) })).status).toBe(429);
    expect((await call('DELETE', `${user.path}/lockouts`)).status).toBe(204);
    expect((await call('DELETE', `${user.path}/lockouts`)).status).toBe(204);
    expect((await call('GET', `${user.path}/lockouts`)).body.data).toMatchObject([{ wrongCodes: 5, endedAt: time }]);
    expect(await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) })).toMatchObject({
      body: { attemptsLeft: 3 },
    });
    expect(await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) })).toMatchObject({
      status: 200,
    });
    const events = await panel.sql<{ data: unknown }>(
      `select data from event where type = 'lockout.ended' and user_id = $1`,
      [user.userId],
    );
    expect(events).toMatchObject([{ data: { reason: 'lifted', subject: 'device', deviceId: user.deviceId } }]);

    await panel.sql(`update device set status = 'disabled', wrong_codes = 50 where id = $1`, [user.deviceId]);
    await call('DELETE', `${user.path}/lockouts`);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body.status).toBe('disabled');
  });
});

describe('deliveries', () => {
  test('are listed the latest first, by every filter alone and together', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const [one, two] = [await smsUser(at, tenant), await smsUser(at, tenant)];
    const challengeId = await panel.challenge(one, {}, tenant);
    const other = await panel.challenge(two, {}, tenant);
    await panel.sql(`update delivery set status = 'sent', sent_at = now() where challenge_id = $1`, [other]);
    const list = async (query: string) => (await at('GET', `/v1/deliveries?${query}`)).body.data;
    const all = await list('');
    expect(all).toHaveLength(4);
    expect(all.map(({ id }: { id: string }) => id)).toEqual(
      all
        .map(({ id }: { id: string }) => id)
        .toSorted()
        .toReversed(),
    );
    for (const [query, found] of [
      [`accountId=${one.accountId}`, 2],
      [`userId=${two.userId}`, 2],
      [`deviceId=${one.deviceId}`, 2],
      [`challengeId=${challengeId}`, 1],
      ['status=queued', 3],
      ['status=sent', 1],
      ['status=failed', 0],
      [
        `accountId=${one.accountId}&userId=${one.userId}&deviceId=${one.deviceId}&challengeId=${challengeId}&status=queued`,
        1,
      ],
      [`accountId=${one.accountId}&userId=${two.userId}`, 0],
      [`challengeId=${other}&status=queued`, 0],
    ] as const) {
      expect({ query, found: (await list(query)).length }).toEqual({ query, found });
    }
    const [delivery] = await list(`challengeId=${challengeId}`);
    expect(delivery).toEqual({
      id: expect.stringMatching(/^dlv_/),
      accountId: one.accountId,
      userId: one.userId,
      deviceId: one.deviceId,
      challengeId,
      channel: 'sms',
      kind: 'code',
      status: 'queued',
      provider: null,
      error: null,
      createdAt: time,
      expiresAt: time,
      sentAt: null,
      endedAt: null,
      attempts: [],
    });
    expect((await at('GET', `/v1/deliveries/${delivery.id}`)).body).toEqual(delivery);
  });

  test('show each attempt, and never what was in them', async () => {
    const user = await smsUser();
    const id = await panel.challenge(user);
    const code = await panel.sentCode(user.deviceId);
    await panel.sql(
      `insert into delivery_attempt (delivery_id, number, provider, ended_at, outcome, error, price)
       select id, n, 'vonage', case n when 1 then clock_timestamp() end, case n when 1 then 'transient' end,
         case n when 1 then 'timeout' end, case n when 2 then '0.07 EUR' end
       from delivery, generate_series(1, 2) n where challenge_id = $1`,
      [id],
    );
    const { body } = await call('GET', `/v1/deliveries?challengeId=${id}`);
    expect(body.data[0].attempts).toEqual([
      {
        number: 1,
        provider: 'vonage',
        startedAt: time,
        endedAt: time,
        outcome: 'transient',
        error: 'timeout',
        price: null,
      },
      { number: 2, provider: 'vonage', startedAt: time, endedAt: null, outcome: null, error: null, price: '0.07 EUR' },
    ]);
    expect(JSON.stringify(body)).not.toContain(code);
  });
});

describe('lists', () => {
  test('come in pages, each thing once', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const users: TestUser[] = [];
    for (let n = 0; n < 7; n += 1) users.push(await panel.user(tenant));
    const [first] = users;
    if (!first) throw new Error('No users.');
    for (let n = 0; n < 4; n += 1) await at('PUT', `/v1/accounts/${first.accountId}/users/more-${n}`, {});
    for (let n = 0; n < 4; n += 1) await at('POST', '/v1/api-keys', { name: `Key ${n}`, scopes: ['audit'] });
    await at('POST', `${first.path}/devices`, { method: 'sms', name: 'Phone', phone: phone() });
    await panel.sql(
      `insert into delivery (id, tenant_id, user_id, device_id, channel, kind, expires_at)
       select 'dlv_' || lpad(n::text, 26, '0'), tenant_id, user_id, device_id, channel, kind, expires_at
       from delivery, generate_series(1, 4) n where tenant_id = $1`,
      [tenant.tenantId],
    );
    for (const [path, total] of [
      ['/v1/accounts', 7],
      [`/v1/accounts/${first.accountId}/users`, 5],
      ['/v1/api-keys', 5],
      ['/v1/deliveries', 5],
      [`/v1/deliveries?accountId=${first.accountId}`, 5],
    ] as const) {
      const whole = (await pages(at, path, 200)).flat();
      expect({ path, total: whole.length }).toEqual({ path, total });
      for (const limit of [1, 2, total - 1, total]) {
        const found = await pages(at, path, limit);
        expect(found.flat()).toEqual(whole);
        expect(found).toHaveLength(Math.ceil(total / limit));
      }
    }
  });
});

describe('the audit stream', () => {
  let worker: RunningApp & { wake(): void };
  let state: Awaited<ReturnType<typeof auditState>>;
  beforeAll(async () => {
    const logger = createLogger('audit-worker', { write: () => undefined });
    const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile });
    state = await auditState();
    const parts = { database: panel.database, logger, checkpointKey: checkpoint, stateDir: state.path };
    worker = await startAuditWorker(parts);
  });
  afterAll(async () => {
    await worker.stop();
    await state.remove();
  });

  /** When every event so far is sealed. */
  async function sealed(): Promise<void> {
    for (;;) {
      worker.wake();
      const [row] = await panel.sql<{ n: number }>(
        'select count(*)::int as n from event e where not exists (select from audit_entry n where n.event_id = e.id)',
      );
      if (row?.n === 0) return;
    }
  }

  test('names account and user so that no two are the same', async () => {
    const tenant = await panel.tenant();
    const users = [
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['a%2Fb', 'c'],
      ['a', 'b%2Fc'],
      ['a/', '/c'],
      ['a b', 'ü+c'],
    ] as const;
    for (const [account, user] of users) {
      const path = `/v1/accounts/${encodeURIComponent(account)}`;
      expect((await tenant.call('PUT', path, {})).status).toBeLessThan(300);
      expect((await tenant.call('PUT', `${path}/users/${encodeURIComponent(user)}`, {})).status).toBeLessThan(300);
    }
    await sealed();
    const { data } = (await api.checked(tenant.call)('GET', '/v1/audit/events?type=user.created')).body as {
      data: { subject: string; data: { accountId: string; userId: string } }[];
    };
    const subjects = data.map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(users.length);
    for (const { subject, data: facts } of data) {
      expect(subject.split('/').map(decodeURIComponent)).toEqual([facts.accountId, facts.userId]);
    }
    expect(subjects).toContain('a%2Fb/c');
    expect(subjects).toContain('a b/ü+c');
    const accounts = (await tenant.call('GET', '/v1/audit/events?type=account.created')).body.data;
    expect(accounts.map(({ subject }: { subject: string }) => subject)).toContain('a%252Fb');
  });

  test('is read from either end, page by page, and an empty page repeats its place', async () => {
    const tenant = await panel.tenant();
    const read = api.checked(tenant.call);
    expect((await read('GET', '/v1/audit/events')).body).toEqual({ data: [], nextCursor: null });
    // Beside that of its API key.
    for (let n = 0; n < 4; n += 1) await tenant.call('PUT', `/v1/accounts/paged-${n}`, {});
    await sealed();
    const all = (await read('GET', '/v1/audit/events')).body;
    const ids = all.data.map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(5);
    for (const [order, expected] of [
      ['oldest', ids],
      ['newest', ids.toReversed()],
    ] as const) {
      for (const name of ['cursor', 'after']) {
        const found: string[] = [];
        let place = '';
        for (let page = 0; page < 3; page += 1) {
          const { body } = await read('GET', `/v1/audit/events?order=${order}&limit=2${place && `&${name}=${place}`}`);
          found.push(...body.data.map(({ id }: { id: string }) => id));
          place = body.nextCursor;
        }
        expect(found).toEqual(expected);
        expect(place).toBe(expected.at(-1));
        // With another filter too: whoever asks again goes on from there.
        for (const filter of ['', '&type=user.created', '&accountId=paged-0']) {
          const { body } = await read('GET', `/v1/audit/events?order=${order}${filter}&${name}=${place}`);
          expect(body).toEqual({ data: [], nextCursor: place });
        }
      }
    }
    await tenant.call('PUT', '/v1/accounts/paged-later', {});
    await sealed();
    const { data } = (await read('GET', `/v1/audit/events?cursor=${all.nextCursor}`)).body;
    expect(data.map(({ subject }: { subject: string }) => subject)).toEqual(['paged-later']);
    const both = `cursor=${ids[0]}&after=${ids[1]}`;
    for (const query of [both, 'cursor=evt_unknown', 'after=evt_unknown', 'order=random']) {
      expect((await read('GET', `/v1/audit/events?${query}`)).status).toBe(400);
    }
  });

  test('is read by several types, and by what their names begin with', async () => {
    const tenant = await panel.tenant();
    const user = await panel.totpUser(tenant);
    await panel.challenge(user, {}, tenant);
    await panel.proof(user, 'transaction', tenant);
    await sealed();
    const types = async (query: string) => {
      const { status, body } = await api.checked(tenant.call)('GET', `/v1/audit/events?${query}`);
      expect(status).toBe(200);
      const names = body.data.map(({ type }: { type: string }) => type.replace('com.sallyport.', ''));
      return [...new Set<string>(names)].toSorted();
    };
    expect(await types('type=challenge.*')).toEqual(['challenge.approved', 'challenge.created']);
    expect(await types('type=com.sallyport.device.*')).toEqual(['device.enrolment_started', 'device.verified']);
    expect(await types('type=user.created&type=device.verified')).toEqual(['device.verified', 'user.created']);
    expect(await types('type=two_factor.*&type=account.created')).toEqual(['account.created', 'two_factor.enabled']);
    for (const type of ['unknown.*', 'challenge.', '*', 'challenge*', 'chall*', 'challenge.created.*', '%25', '']) {
      expect(await tenant.call('GET', `/v1/audit/events?type=${type}`)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/query/type' }] },
      });
    }
  });

  test('is not hidden by an event whose personal part somebody has moved to another user', async () => {
    const tenant = await panel.tenant();
    const [user, other] = [await panel.totpUser(tenant), await panel.totpUser(tenant)];
    const theirs = (await panel.tenant().then((foreign) => panel.user(foreign))).userId;
    await sealed();
    const list = async () =>
      (await tenant.call('GET', `/v1/audit/events?userId=${user.userId}&type=device.verified`)).body.data as {
        data: { personal?: object };
      }[];
    expect((await list())[0]?.data.personal).toBeDefined();
    for (const userId of [other.userId, theirs]) {
      await tamper(
        panel.databaseUrl,
        `update event set user_ref = (select id from app_user where external_id = $1) where user_id = $2`,
        [userId, user.userId],
      );
      const found = await list();
      expect(found).toHaveLength(1);
      expect(found[0]?.data.personal).toBeUndefined();
    }
  });

  test('tells what happened, oldest first, by every filter', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const user = await panel.totpUser(tenant);
    const { accountId, userId, deviceId } = user;
    const context = { ip: '192.0.2.7', userAgent: 'Browser' };
    const opened = await at('POST', '/v1/challenges', { accountId, userId, context });
    const id = opened.body.challenge.id;
    await at('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) });
    await at('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) });
    const stranger = await panel.user(tenant);
    await sealed();
    const list = async (query: string) => (await at('GET', `/v1/audit/events?${query}`)).body.data;

    const all = await list('limit=500');
    expect(all.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      all.map((_: unknown, index: number) => index + 1),
    );
    const types = all.map(({ type }: { type: string }) => type);
    for (const type of types) expect(eventNames).toContain(type.replace(/^com\.sallyport\./, ''));
    for (const name of [
      'account.created',
      'user.created',
      'device.verified',
      'two_factor.enabled',
      'recovery_codes.generated',
      'challenge.rejected',
    ]) {
      expect(types).toContain(`com.sallyport.${name}`);
    }
    const created = all.find(({ type }: { type: string }) => type === 'com.sallyport.challenge.created');
    expect(created).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^evt_/),
      type: 'com.sallyport.challenge.created',
      source: `/tenants/${tenant.tenantId}`,
      subject: `${accountId}/${userId}`,
      time,
      datacontenttype: 'application/json',
      data: {
        accountId,
        userId,
        apiKeyId: expect.stringMatching(/^key_/),
        challengeId: id,
        purpose: 'login',
        requestId: opened.headers.get('x-request-id'),
        personal: { ip: '192.0.2.7', userAgent: 'Browser' },
      },
      sequence: expect.any(Number),
      chainhash: expect.any(String),
    });

    expect(await list(`accountId=${stranger.accountId}`)).toHaveLength(2);
    expect(await list(`userId=${stranger.userId}`)).toHaveLength(1);
    expect(await list('type=challenge.approved')).toMatchObject([
      { data: { challengeId: id, deviceId, amr: ['otp'] } },
    ]);
    expect(await list('type=com.sallyport.challenge.approved')).toHaveLength(1);
    expect(await list(`type=challenge.approved&userId=${stranger.userId}`)).toHaveLength(0);
    const middle = all[3].time;
    const [from, to] = [await list(`from=${middle}&limit=500`), await list(`to=${middle}&limit=500`)];
    expect(from.length + to.length).toBe(all.length);
    expect(await list('from=2100-01-01T00:00:00Z')).toHaveLength(0);
    expect(await list('to=2000-01-01T00:00:00%2B02:00')).toHaveLength(0);

    const found = await pages(at, '/v1/audit/events', 3);
    expect(found.flat()).toEqual(all);
  });

  test('goes on after the last event that was seen, also when there is nothing new', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    expect((await at('GET', '/v1/audit/events?limit=500')).body.data).toBeInstanceOf(Array);
    await panel.user(tenant);
    await sealed();
    const first = (await at('GET', '/v1/audit/events?limit=500')).body;
    const after = `/v1/audit/events?after=${first.nextCursor}`;
    expect((await at('GET', after)).body.data).toEqual([]);
    await at('PUT', '/v1/accounts/new', {});
    await sealed();
    expect((await at('GET', after)).body.data).toMatchObject([
      { type: 'com.sallyport.account.created', subject: 'new' },
    ]);
  });

  test('keeps the events of an erased user, and what was personal in them no more', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const user = await panel.totpUser(tenant);
    await sealed();
    const list = async () => (await at('GET', `/v1/audit/events?userId=${user.userId}&limit=500`)).body.data;
    const before = await list();
    expect(before.some(({ data }: { data: object }) => 'personal' in data)).toBe(true);
    await at('DELETE', user.path);
    await sealed();
    const after = await list();
    expect(after).toHaveLength(before.length + 1);
    expect(after.some(({ data }: { data: object }) => 'personal' in data)).toBe(false);
    const hashes = (events: { chainhash: string }[]) => events.map(({ chainhash }) => chainhash);
    expect(hashes(after).slice(0, before.length)).toEqual(hashes(before));
  });
});
