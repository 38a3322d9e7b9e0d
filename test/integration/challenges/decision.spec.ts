import { describe, expect, test } from '@jest/globals';
import { totp, type TestUser } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';
import { call, decide, panel, setPolicy, time, users } from '../../support/decisions.js';

const required = { twoFactor: { required: 'all' } };
const grace = (ms: number) => ({ twoFactor: { required: 'all', graceUntil: new Date(Date.now() + ms).toISOString() } });
const hour = 3_600_000;

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
