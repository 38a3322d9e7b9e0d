import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import {
  otherCode,
  startPanel,
  totp,
  type Call,
  type TestPanel,
  type TestUser,
} from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
});
afterAll(() => panel.stop());

let numbers = 0;
const phone = () => `+316${String(42_000_000 + (numbers += 1))}`;

const setPolicy = async (user: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy)).status).toBe(200);
};

async function decide(user: TestUser, more: object = {}) {
  const { accountId, userId } = user;
  const answer = await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more });
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 201 });
  return answer.body;
}

/** Adds and proves a device that gets codes by message. */
async function addMessageDevice(
  user: TestUser,
  method: 'sms' | 'email',
  headers: Record<string, string> = {},
): Promise<string> {
  const address = method === 'sms' ? { phone: phone() } : { email: 'name@panel.example' };
  const added = await call('POST', `${user.path}/devices`, { method, name: method, ...address }, headers);
  expect(added.status).toBe(201);
  const code = await panel.sentCode(added.body.id);
  expect((await call('POST', `/v1/devices/${added.body.id}/verify`, { code })).status).toBe(200);
  return added.body.id;
}

/** A proof by a phone. */
async function smsProof(user: TestUser & { readonly deviceId: string }, purpose: string): Promise<string> {
  const id = await panel.challenge(user, { purpose });
  const { body } = await call('POST', `/v1/challenges/${id}/verify`, { code: await panel.sentCode(user.deviceId) });
  return body.proof;
}

const required = { twoFactor: { required: 'all' } };
const grace = (ms: number) => ({ twoFactor: { required: 'all', graceUntil: new Date(Date.now() + ms).toISOString() } });
const hour = 3_600_000;

/** Users as the decision finds them. */
const users = {
  /** Two-factor authentication off. */
  off: () => panel.user(),
  service: () => panel.user(panel, { kind: 'service' }),
  /** On, with an app and recovery codes. */
  on: () => panel.totpUser(),
  sms: async () => {
    const user = await panel.user();
    return { ...user, deviceId: await addMessageDevice(user, 'sms') };
  },
  lockedDevice: async () => {
    const user = await panel.totpUser();
    await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
    return user;
  },
  allLocked: async () => {
    const user = await users.lockedDevice();
    await panel.sql('delete from recovery_pool where user_id = (select user_id from device where id = $1)', [
      user.deviceId,
    ]);
    return user;
  },
  disabled: async () => {
    const user = await panel.totpUser();
    await panel.sql(`update device set status = 'disabled' where id = $1`, [user.deviceId]);
    return user;
  },
  disabledWithoutCodes: async () => {
    const user = await users.disabled();
    await panel.sql('delete from recovery_pool where user_id = (select user_id from device where id = $1)', [
      user.deviceId,
    ]);
    return user;
  },
  /** On, and nothing left to check: what a row deleted by hand leaves. */
  bare: async () => {
    const user = await users.disabledWithoutCodes();
    await panel.sql('delete from device where id = $1', [user.deviceId]);
    return user;
  },
};

interface Login {
  readonly type: string;
  readonly account: string;
  readonly ref: string;
  readonly data: object;
}
const loginsOf = ({ userId }: TestUser) =>
  panel.sql<Login>(
    `select type, account_id as account, user_ref as ref, data from event
     where user_id = $1 and type like 'login.%' order by id`,
    [userId],
  );

interface Row {
  readonly user: keyof typeof users;
  readonly purpose?: string;
  readonly policy?: object;
  readonly expected: Record<string, unknown>;
}

const challenge = (reason: string) => ({
  decision: 'challenge',
  reason,
  challenge: expect.objectContaining({ status: 'pending' }),
});
const allow = (reason: string) => ({ decision: 'allow', reason });
const deny = (reason: string, more = {}) => ({
  decision: 'deny',
  reason,
  detail: expect.stringMatching(/^[A-Z].*\.$/),
  userMessage: expect.stringMatching(/^[A-Z].*\.( Support: desk)?$/),
  ...more,
});
const stepUps = ['add_device', 'remove_device', 'change_phone', 'disable', 'regenerate_recovery_codes', 'transaction'];
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const rows: Row[] = [
  { user: 'off', expected: allow('two_factor_off') },
  { user: 'off', policy: grace(hour), expected: { ...allow('grace_period'), graceUntil: time } },
  {
    user: 'off',
    policy: grace(-hour),
    expected: { decision: 'enroll', reason: 'required_by_policy', challenge: expect.any(Object) },
  },
  {
    user: 'off',
    policy: required,
    expected: { decision: 'enroll', reason: 'required_by_policy', challenge: expect.any(Object) },
  },
  { user: 'off', purpose: 'api_login', expected: allow('two_factor_off') },
  { user: 'off', purpose: 'api_login', policy: grace(hour), expected: allow('two_factor_off') },
  { user: 'off', purpose: 'api_login', policy: required, expected: deny('required_by_policy') },
  ...stepUps.map((purpose): Row => ({ user: 'off', purpose, expected: deny('no_usable_device') })),
  { user: 'off', purpose: 'disable', policy: grace(hour), expected: deny('no_usable_device') },

  { user: 'service', purpose: 'api_login', expected: allow('service_user') },
  { user: 'service', purpose: 'api_login', policy: required, expected: allow('service_user') },
  { user: 'service', expected: deny('service_user_interactive') },
  { user: 'service', policy: grace(hour), expected: deny('service_user_interactive') },
  ...stepUps.map((purpose): Row => ({ user: 'service', purpose, expected: deny('service_user_interactive') })),

  { user: 'on', expected: challenge('two_factor_on') },
  { user: 'on', policy: grace(hour), expected: challenge('two_factor_on') },
  { user: 'on', policy: required, expected: challenge('two_factor_on') },
  ...stepUps.map((purpose): Row => ({ user: 'on', purpose, expected: challenge('step_up') })),
  { user: 'on', purpose: 'api_login', expected: deny('two_factor_user') },
  { user: 'on', purpose: 'api_login', policy: required, expected: deny('two_factor_user') },

  // While recovery codes can be checked, nobody is shut out.
  { user: 'lockedDevice', expected: challenge('two_factor_on') },
  { user: 'lockedDevice', purpose: 'disable', expected: challenge('step_up') },
  { user: 'disabled', expected: challenge('two_factor_on') },
  // A recovery code approves none of these.
  ...['remove_device', 'regenerate_recovery_codes', 'transaction'].flatMap((purpose): Row[] => [
    { user: 'lockedDevice', purpose, expected: deny('locked', { lockedUntil: time }) },
    { user: 'disabled', purpose, expected: deny('all_devices_disabled') },
  ]),
  { user: 'allLocked', expected: deny('locked', { lockedUntil: time }) },
  { user: 'disabledWithoutCodes', expected: deny('all_devices_disabled') },
  { user: 'bare', expected: deny('no_usable_device') },
  { user: 'bare', policy: required, expected: deny('no_usable_device') },
  { user: 'bare', policy: grace(hour), expected: deny('no_usable_device') },
];

describe('the decision before login', () => {
  test.each(rows)(
    '$user, $purpose, $policy: $expected.decision $expected.reason',
    async ({ user, purpose, policy, expected }) => {
      const made = await users[user]();
      await setPolicy(made, { supportContact: 'desk', ...policy });
      const { event: _, ...before } = await readRows(panel);
      const body = await decide(made, purpose === undefined ? {} : { purpose });
      const { decision, reason } = expected;
      expect(body).toEqual({ ...expected, ...(decision === 'deny' ? { supportContact: 'desk' } : {}) });
      const logins = await loginsOf(made);
      if (decision === 'allow' || decision === 'deny') {
        expect(await readRows(panel)).toMatchObject(before);
        expect(logins).toEqual([
          {
            type: decision === 'allow' ? 'login.allowed' : 'login.denied',
            account: made.accountId,
            ref: expect.stringMatching(/^usr_/),
            data: { purpose: purpose ?? 'login', reason, apiKeyId: expect.stringMatching(/^key_/) },
          },
        ]);
      } else {
        expect(logins).toEqual([]);
      }
    },
  );

  test('leaves an event with the application that asked, and none where nothing was decided', async () => {
    const user = await users.off();
    await decide(user, { application: 'emergency' });
    expect(await loginsOf(user)).toMatchObject([{ type: 'login.allowed', data: { application: 'emergency' } }]);
    const { accountId, userId } = user;
    for (const [status, more] of [
      [404, { deviceId: 'dev_unknown' }],
      [400, { purpose: 'logon' }],
    ] as const) {
      expect((await call('POST', '/v1/challenges', { accountId, userId, ...more })).status).toBe(status);
    }
    expect(await loginsOf(user)).toHaveLength(1);
    // What is asked twice under one key was one login.
    for (let time = 0; time < 2; time += 1) {
      await call('POST', '/v1/challenges', { accountId, userId }, { 'idempotency-key': `once-${userId}` });
    }
    expect(await loginsOf(user)).toHaveLength(2);
  });

  test.each([
    ['2000-01-01T00:00:00+14:00', 'enroll'],
    ['2100-01-01T00:00:00.5Z', 'allow'],
    ['2999-12-31T23:59:59.999999999-14:00', 'allow'],
  ])('reads a grace period until %s as PostgreSQL does: %s', async (graceUntil, decision) => {
    const user = await users.off();
    await setPolicy(user, { twoFactor: { required: 'all', graceUntil } });
    expect(await decide(user)).toMatchObject({ decision });
  });

  test.each(['0000-01-01T00:00:00Z', '1066-10-14T09:00:00Z', '2100-01-01T00:00:00+23:00'])(
    'is never asked to read a grace period until %s: the policy refuses it',
    async (graceUntil) => {
      const user = await users.off();
      const { accountId } = user;
      const policy = { twoFactor: { required: 'all', graceUntil } };
      expect(await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/twoFactor/graceUntil' }] },
      });
      // One that an earlier release took stands for none, and stops no login.
      await panel.sql('update account set policy = $2 where external_id = $1', [accountId, JSON.stringify(policy)]);
      expect(await decide(user)).toMatchObject({ decision: 'enroll' });
    },
  );

  test('is for login where no purpose is named', async () => {
    const { accountId, userId } = await panel.totpUser();
    const { body } = await call('POST', '/v1/challenges', { accountId, userId });
    expect(body.challenge.purpose).toBe('login');
  });

  test('tells of the first lock that ends, where all are locked', async () => {
    const user = await users.allLocked();
    await panel.sql(
      `insert into device (id, tenant_id, user_id, method, name, status, enrolment_expires_at, verified_at, locked_until)
       select id || 'x', tenant_id, user_id, method, name, status, now(), now(), now() + interval '10 seconds'
       from device where id = $1`,
      [user.deviceId],
    );
    const body = await decide(user);
    const left = Date.parse(body.lockedUntil) - Date.now();
    expect(left).toBeLessThanOrEqual(11_000);
  });
});

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

describe('an enrolment that the policy asks for', () => {
  test('approves its challenge and gives its proof', async () => {
    const user = await users.off();
    await setPolicy(user, required);
    const { challenge: opened } = await decide(user);
    expect(opened).toMatchObject({ devices: [], recoveryCodesAvailable: false });
    expect(opened).not.toHaveProperty('send');
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    const body = { code: totp(device.totp.secret), challengeId: opened.id };
    const verified = await call('POST', `/v1/devices/${device.id}/verify`, body);
    expect(verified).toMatchObject({
      status: 200,
      body: { status: 'verified', isDefault: true, proof: expect.any(String) },
    });
    expect(verified.body.recoveryCodes).toHaveLength(10);
    expect((await call('GET', `/v1/challenges/${opened.id}`)).body).toMatchObject({
      status: 'approved',
      approvedBy: device.id,
      inForce: true,
    });
    expect(await decide(user)).toMatchObject({ decision: 'challenge', reason: 'two_factor_on' });
  });

  test('approves no other challenge', async () => {
    const user = await users.off();
    await setPolicy(user, required);
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    const verify = (challengeId: string) =>
      call('POST', `/v1/devices/${device.id}/verify`, { code: totp(device.totp.secret), challengeId });
    const stranger = await users.off();
    await setPolicy(stranger, required);
    const foreign = await panel.challenge(await panel.totpUser());
    const others = (await decide(stranger)).challenge.id;
    for (const id of [foreign, others, 'chl_unknown']) expect(await verify(id)).toMatchObject({ status: 404 });
    const over = (await decide(user)).challenge.id;
    await panel.sql('update challenge set expires_at = now() where id = $1', [over]);
    expect(await verify(over)).toMatchObject({ status: 410, body: { code: 'challenge_expired' } });
    const canceled = (await decide(user)).challenge.id;
    await call('POST', `/v1/challenges/${canceled}/cancel`);
    expect(await verify(canceled)).toMatchObject({ status: 409, body: { code: 'challenge_not_pending' } });
    expect((await call('GET', `/v1/devices/${device.id}`)).body.status).toBe('unverified');
  });

  test('is not answered by a code at the challenge itself', async () => {
    const user = await users.off();
    await setPolicy(user, required);
    const { challenge: opened } = await decide(user);
    const device = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    const path = `/v1/challenges/${opened.id}/verify`;
    const body = { code: totp(device.totp.secret), deviceId: device.id };
    expect(await call('POST', path, body)).toMatchObject({ status: 409, body: { code: 'device_not_verified' } });
    const recovery = await call('POST', path, { recoveryCode: '0000-0000-0000-0000' });
    expect(recovery).toMatchObject({ status: 400, body: { errors: [{ pointer: '/recoveryCode' }] } });
    expect((await call('GET', `/v1/challenges/${opened.id}`)).body.status).toBe('pending');
  });
});
