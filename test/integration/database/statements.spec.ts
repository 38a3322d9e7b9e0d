import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statementChannel } from '#persistence';
import { SoftwareAuthenticator } from '../../support/software-authenticator.js';
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

let panel: TestPanel;
let api: ApiDescription;
let call: Call;
/** Names of the statements of the calls so far. */
const seen: string[] = [];
const listen = (name: unknown) => seen.push(String(name));

beforeAll(async () => {
  // One connection, so that what is prepared on it is what was prepared at all.
  panel = await startPanel({ poolSize: 1 });
  api = await ApiDescription.read(panel.url);
  call = api.checked(panel.call);
  // MikroORM tries its connection at its first use, once in a process.
  await call('GET', '/v1/api-keys');
  statementChannel.subscribe(listen);
});
afterAll(async () => {
  statementChannel.unsubscribe(listen);
  await panel.stop();
});

/** Looks an API key up; what is found is believed for some seconds, so at most one call in many has it. */
const lookUp = 'authenticate-api-key';

/** Statements of one call, without those that look its API key up. */
async function statementsOf(
  status: number,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) {
  seen.length = 0;
  const answer = await call(method, path, body, headers);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
  return seen.filter((name) => name !== lookUp);
}

let numbers = 0;
const sms = () => ({ method: 'sms', name: 'Phone', phone: `+316${String(32_000_000 + (numbers += 1))}` });

async function smsUser(): Promise<TestUser & { deviceId: string; deliveryId: string }> {
  const user = await panel.user();
  const { id, send } = (await call('POST', `${user.path}/devices`, sms())).body;
  await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
  return { ...user, deviceId: id, deliveryId: send.deliveryId };
}

const allowTrust = ({ accountId }: TestUser) =>
  call('PUT', `/v1/accounts/${accountId}/policy`, { trustedBrowser: { allowed: true } });

/** @returns the token of a browser that the user's app made trusted */
async function trustedBrowser(user: EnrolledTotp): Promise<string> {
  await allowTrust(user);
  const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
  const { body } = await call('POST', path, { code: totp(user.secret), rememberBrowser: true });
  return body.trustedBrowser;
}

/** Where passkeys are used by the default policy. */
const origin = 'http://localhost:3001';

async function passkeyUser(): Promise<TestUser & { key: SoftwareAuthenticator }> {
  const user = await panel.user();
  const { id, webauthn } = (await call('POST', `${user.path}/devices`, { method: 'webauthn', name: 'Key' })).body;
  const key = new SoftwareAuthenticator();
  await call('POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) });
  return { ...user, key };
}

async function passkeyChallenge({ accountId, userId }: TestUser) {
  return (await call('POST', '/v1/challenges', { accountId, userId })).body.challenge;
}

/** An enrolment by SMS whose code may be sent again. */
async function openEnrolment(): Promise<string> {
  const { id } = (await call('POST', `${(await panel.user()).path}/devices`, sms())).body;
  await panel.passMinute();
  return id;
}

type Made = readonly [status: number, method: string, path: string, body?: unknown, headers?: Record<string, string>];
interface Row {
  readonly what?: string;
  /** Statements that the call may take. */
  readonly most: number;
  readonly make: () => Promise<Made>;
}

const callOf = ([, method, path, body, headers]: Made) => [method, path, body, headers] as const;

/** The call that gives a phone a new number, with its proof by the phone itself. */
async function changeOf(deviceId: string): Promise<Made> {
  const { accountId, userId } = (await call('GET', `/v1/devices/${deviceId}`)).body;
  const challenge = await panel.challenge({ accountId, userId, path: '' }, { purpose: 'change_phone' });
  const { proof } = (
    await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId, code: await panel.sentCode(deviceId) })
  ).body;
  return [200, 'PUT', `/v1/devices/${deviceId}/phone`, { phone: sms().phone }, { 'sallyport-proof': proof }];
}

/** A user with a verified phone, and one without beside it, on an account where a proved number is not proved again. */
async function reusingUser(): Promise<TestUser & { phone: string }> {
  const user = await panel.user();
  await call('PUT', `/v1/accounts/${user.accountId}/policy`, { phone: { reuseVerifiedOnAccount: true } });
  await call('PUT', `${user.path}-new`, {});
  const device = sms();
  const { id } = (await call('POST', `${user.path}/devices`, device)).body;
  await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
  return { ...user, phone: device.phone };
}

const withTotp = (make: (user: EnrolledTotp) => Made | Promise<Made>) => async () => make(await panel.totpUser());
const get = (path: (user: EnrolledTotp) => string) => withTotp((user) => [200, 'GET', path(user)]);

/** Every call of the API and what it costs: round trips to the database, with a known API key and no Idempotency-Key. */
const table: Record<string, readonly Row[]> = {
  'PUT /v1/accounts/{accountId}': [{ most: 1, make: async () => [200, 'PUT', '/v1/accounts/a', { name: 'Name' }] }],
  'GET /v1/accounts/{accountId}': [{ most: 1, make: get(({ accountId }) => `/v1/accounts/${accountId}`) }],
  'GET /v1/accounts': [{ most: 1, make: async () => [200, 'GET', '/v1/accounts'] }],
  'PUT /v1/accounts/{accountId}/users/{userId}': [
    { most: 3, make: withTotp(({ path }) => [200, 'PUT', path, { displayName: 'Name' }]) },
    { what: 'a new one', most: 3, make: withTotp(({ path }) => [200, 'PUT', `${path}-new`, {}]) },
  ],
  'PATCH /v1/accounts/{accountId}/users/{userId}': [
    { most: 3, make: withTotp(({ path }) => [200, 'PATCH', path, { displayName: 'Name' }]) },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}': [
    { most: 1, make: get(({ path }) => path) },
    { what: 'without devices', most: 1, make: async () => [200, 'GET', (await panel.user()).path] },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}': [{ most: 2, make: withTotp(({ path }) => [204, 'DELETE', path]) }],
  'GET /v1/accounts/{accountId}/users': [{ most: 1, make: get(({ accountId }) => `/v1/accounts/${accountId}/users`) }],
  'GET /v1/policy': [{ most: 1, make: async () => [200, 'GET', '/v1/policy'] }],
  'PATCH /v1/policy': [{ most: 2, make: async () => [200, 'PATCH', '/v1/policy', { code: { maxSends: 4 } }] }],
  'PATCH /v1/accounts/{accountId}/policy': [
    {
      most: 2,
      make: withTotp(({ accountId }) => [200, 'PATCH', `/v1/accounts/${accountId}/policy`, { totp: { window: 0 } }]),
    },
  ],
  'PUT /v1/policy': [{ most: 2, make: async () => [200, 'PUT', '/v1/policy', { code: { maxSends: 5 } }] }],
  'GET /v1/accounts/{accountId}/policy': [
    { most: 1, make: get(({ accountId }) => `/v1/accounts/${accountId}/policy`) },
  ],
  'PUT /v1/accounts/{accountId}/policy': [
    {
      most: 2,
      make: withTotp(({ accountId }) => [200, 'PUT', `/v1/accounts/${accountId}/policy`, { totp: { window: 0 } }]),
    },
  ],
  'DELETE /v1/accounts/{accountId}/policy': [
    { most: 1, make: withTotp(({ accountId }) => [200, 'DELETE', `/v1/accounts/${accountId}/policy`]) },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/devices': [
    {
      what: 'an app',
      most: 2,
      make: async () => [201, 'POST', `${(await panel.user()).path}/devices`, { method: 'totp', name: 'App' }],
    },
    { what: 'a phone', most: 2, make: async () => [201, 'POST', `${(await panel.user()).path}/devices`, sms()] },
    {
      what: 'a passkey',
      most: 2,
      make: async () => [201, 'POST', `${(await panel.user()).path}/devices`, { method: 'webauthn', name: 'Key' }],
    },
    {
      what: 'beside another',
      most: 2,
      make: withTotp(async (user) => {
        const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
        return [201, 'POST', `${user.path}/devices`, sms(), headers];
      }),
    },
    {
      what: 'of a number that was proved on the account',
      most: 2,
      make: async () => {
        const first = await reusingUser();
        const path = `/v1/accounts/${first.accountId}/users/other-${first.userId}`;
        await call('PUT', path, {});
        return [201, 'POST', `${path}/devices`, { method: 'sms', name: 'Phone', phone: first.phone }];
      },
    },
    {
      what: 'of a number that was not',
      most: 3,
      make: async () => [201, 'POST', `${(await reusingUser()).path}-new/devices`, sms()],
    },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/devices/import': [
    {
      most: 3,
      make: async () => [
        201,
        'POST',
        `${(await panel.user()).path}/devices/import`,
        { name: 'App', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' },
      ],
    },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/devices': [
    { most: 1, make: get(({ path }) => `${path}/devices`) },
    { what: 'none', most: 2, make: async () => [200, 'GET', `${(await panel.user()).path}/devices`] },
  ],
  'GET /v1/devices/{deviceId}': [{ most: 1, make: get(({ deviceId }) => `/v1/devices/${deviceId}`) }],
  'PATCH /v1/devices/{deviceId}': [
    {
      most: 2,
      make: withTotp(({ deviceId }) => [200, 'PATCH', `/v1/devices/${deviceId}`, { name: 'Name', isDefault: true }]),
    },
  ],
  'DELETE /v1/devices/{deviceId}': [
    { what: 'unverified', most: 2, make: async () => [204, 'DELETE', `/v1/devices/${await openEnrolment()}`] },
    {
      what: 'verified',
      most: 2,
      make: withTotp(async (user) => {
        const add = { 'sallyport-proof': await panel.proof(user, 'add_device') };
        const { id, totp: shown } = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' }, add))
          .body;
        await call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) });
        const headers = { 'sallyport-proof': await panel.proof(user, 'remove_device') };
        return [204, 'DELETE', `/v1/devices/${id}`, undefined, headers];
      }),
    },
  ],
  'PUT /v1/accounts/{accountId}/users/{userId}/two-factor': [
    {
      what: 'off',
      most: 2,
      make: withTotp(async (user) => {
        const headers = { 'sallyport-proof': await panel.proof(user, 'disable') };
        return [200, 'PUT', `${user.path}/two-factor`, { enabled: false }, headers];
      }),
    },
    {
      what: 'on',
      most: 2,
      make: withTotp(async (user) => {
        const headers = { 'sallyport-proof': await panel.proof(user, 'disable') };
        await call('PUT', `${user.path}/two-factor`, { enabled: false }, headers);
        return [200, 'PUT', `${user.path}/two-factor`, { enabled: true }];
      }),
    },
    { what: 'as it is', most: 1, make: withTotp(({ path }) => [200, 'PUT', `${path}/two-factor`, { enabled: true }]) },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/two-factor/reset': [
    { most: 2, make: withTotp(({ path }) => [200, 'POST', `${path}/two-factor/reset`, { reason: 'Lost' }]) },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/trusted-browsers': [
    { most: 2, make: get(({ path }) => `${path}/trusted-browsers`) },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers/{trustedBrowserId}': [
    {
      most: 2,
      make: withTotp(async (user) => {
        await trustedBrowser(user);
        const { data } = (await call('GET', `${user.path}/trusted-browsers`)).body;
        return [204, 'DELETE', `${user.path}/trusted-browsers/${data[0].id}`];
      }),
    },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers': [
    { most: 2, make: withTotp(({ path }) => [204, 'DELETE', `${path}/trusted-browsers`]) },
  ],
  'GET /v1/send-blocks': [{ most: 1, make: async () => [200, 'GET', '/v1/send-blocks'] }],
  'DELETE /v1/send-blocks/{blockId}': [
    {
      most: 1,
      make: async () => {
        const key = randomBytes(32);
        await panel.sql(
          `insert into send_window (key, starts_at, tenant_id, rule, blocked_at)
           values ($1, date_trunc('hour', now()), $2, 'per_tenant', now())`,
          [key, panel.tenantId],
        );
        return [204, 'DELETE', `/v1/send-blocks/sbl_${key.toString('hex')}`];
      },
    },
  ],
  'DELETE /v1/devices/{deviceId}/quota': [
    { most: 2, make: async () => [204, 'DELETE', `/v1/devices/${(await smsUser()).deviceId}/quota`] },
  ],
  'PUT /v1/devices/{deviceId}/phone': [{ most: 2, make: async () => changeOf((await smsUser()).deviceId) }],
  'POST /v1/devices/{deviceId}/codes': [
    { most: 2, make: async () => [202, 'POST', `/v1/devices/${await openEnrolment()}/codes`] },
    {
      what: 'to a new number',
      most: 2,
      make: async () => {
        const { deviceId } = await smsUser();
        await call(...callOf(await changeOf(deviceId)));
        await panel.passMinute();
        return [202, 'POST', `/v1/devices/${deviceId}/codes`];
      },
    },
  ],
  'POST /v1/devices/{deviceId}/verify': [
    {
      what: "the user's first",
      most: 2,
      make: async () => {
        const { id, totp: shown } = (
          await call('POST', `${(await panel.user()).path}/devices`, { method: 'totp', name: 'App' })
        ).body;
        return [200, 'POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) }];
      },
    },
    {
      what: 'a passkey',
      most: 2,
      make: async () => {
        const body = { method: 'webauthn', name: 'Key' };
        const { id, webauthn } = (await call('POST', `${(await panel.user()).path}/devices`, body)).body;
        const answer = new SoftwareAuthenticator().register(webauthn, origin);
        return [200, 'POST', `/v1/devices/${id}/verify`, { webauthn: answer }];
      },
    },
    {
      what: 'a wrong code',
      most: 2,
      make: async () => [422, 'POST', `/v1/devices/${await openEnrolment()}/verify`, { code: '000000' }],
    },
    {
      what: 'a new number',
      most: 3,
      make: async () => {
        const { deviceId } = await smsUser();
        await call(...callOf(await changeOf(deviceId)));
        return [200, 'POST', `/v1/devices/${deviceId}/verify`, { code: await panel.sentCode(deviceId) }];
      },
    },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/recovery-codes': [
    { most: 2, make: get(({ path }) => `${path}/recovery-codes`) },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes': [
    {
      most: 2,
      make: withTotp(async (user) => {
        const headers = { 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
        return [201, 'POST', `${user.path}/recovery-codes`, undefined, headers];
      }),
    },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes/acknowledge': [
    { most: 3, make: withTotp(({ path }) => [200, 'POST', `${path}/recovery-codes/acknowledge`]) },
  ],
  'POST /v1/challenges': [
    {
      what: 'for an app',
      most: 2,
      make: withTotp(({ accountId, userId }) => [201, 'POST', '/v1/challenges', { accountId, userId }]),
    },
    {
      what: 'for a passkey',
      most: 2,
      make: async () => {
        const { accountId, userId } = await passkeyUser();
        return [201, 'POST', '/v1/challenges', { accountId, userId }];
      },
    },
    {
      what: 'that sends an SMS',
      most: 2,
      make: async () => {
        const { accountId, userId } = await smsUser();
        return [201, 'POST', '/v1/challenges', { accountId, userId }];
      },
    },
    {
      what: 'a decision without a challenge',
      most: 1,
      make: async () => {
        const { accountId, userId } = await panel.user();
        return [201, 'POST', '/v1/challenges', { accountId, userId }];
      },
    },
    {
      what: 'from a trusted browser',
      most: 1,
      make: withTotp(async (user) => {
        const { accountId, userId } = user;
        return [201, 'POST', '/v1/challenges', { accountId, userId, trustedBrowser: await trustedBrowser(user) }];
      }),
    },
    {
      what: 'for a service user',
      most: 1,
      make: async () => {
        const { accountId, userId } = await panel.user(panel, { kind: 'service' });
        return [201, 'POST', '/v1/challenges', { accountId, userId, purpose: 'api_login' }];
      },
    },
  ],
  'GET /v1/challenges/{challengeId}': [
    { most: 1, make: withTotp(async (user) => [200, 'GET', `/v1/challenges/${await panel.challenge(user)}`]) },
  ],
  'POST /v1/challenges/{challengeId}/cancel': [
    { most: 3, make: withTotp(async (user) => [200, 'POST', `/v1/challenges/${await panel.challenge(user)}/cancel`]) },
  ],
  'POST /v1/challenges/{challengeId}/codes': [
    {
      most: 2,
      make: async () => {
        const user = await smsUser();
        const id = await panel.challenge(user);
        await panel.passMinute();
        return [202, 'POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId }];
      },
    },
  ],
  'POST /v1/challenges/{challengeId}/verify': [
    {
      what: 'a right code',
      most: 2,
      make: withTotp(async (user) => [
        200,
        'POST',
        `/v1/challenges/${await panel.challenge(user)}/verify`,
        { code: totp(user.secret) },
      ]),
    },
    {
      what: 'a right code, the browser to be trusted',
      most: 2,
      make: withTotp(async (user) => {
        await allowTrust(user);
        const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
        return [200, 'POST', path, { code: totp(user.secret), rememberBrowser: true }];
      }),
    },
    {
      what: 'a wrong code',
      most: 2,
      make: withTotp(async (user) => [
        422,
        'POST',
        `/v1/challenges/${await panel.challenge(user)}/verify`,
        { code: wrongTotp(user.secret) },
      ]),
    },
    {
      what: 'a passkey',
      most: 2,
      make: async () => {
        const user = await passkeyUser();
        const { id, webauthn } = await passkeyChallenge(user);
        return [200, 'POST', `/v1/challenges/${id}/verify`, { webauthn: user.key.assert(webauthn, origin) }];
      },
    },
    {
      what: 'a wrong passkey',
      most: 2,
      make: async () => {
        const user = await passkeyUser();
        const { id, webauthn } = await passkeyChallenge(user);
        const answer = user.key.assert(webauthn, origin, { tamper: 'signature' });
        return [422, 'POST', `/v1/challenges/${id}/verify`, { webauthn: answer }];
      },
    },
    {
      what: 'a recovery code',
      most: 2,
      make: withTotp(async (user) => [
        200,
        'POST',
        `/v1/challenges/${await panel.challenge(user)}/verify`,
        { recoveryCode: user.recoveryCodes[0] },
      ]),
    },
    {
      what: 'while locked',
      most: 1,
      make: withTotp(async (user) => {
        const id = await panel.challenge(user);
        await panel.sql(`update device set locked_until = now() + interval '1 minute' where id = $1`, [user.deviceId]);
        return [429, 'POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) }];
      }),
    },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/lockouts': [{ most: 2, make: get(({ path }) => `${path}/lockouts`) }],
  'DELETE /v1/accounts/{accountId}/users/{userId}/lockouts': [
    { most: 2, make: withTotp(({ path }) => [204, 'DELETE', `${path}/lockouts`]) },
  ],
  'GET /v1/deliveries/{deliveryId}': [
    { most: 1, make: async () => [200, 'GET', `/v1/deliveries/${(await smsUser()).deliveryId}`] },
  ],
  'GET /v1/deliveries': [{ most: 1, make: async () => [200, 'GET', '/v1/deliveries?status=queued'] }],
  'GET /v1/audit/events': [{ most: 1, make: async () => [200, 'GET', '/v1/audit/events?type=user.created'] }],
  'POST /v1/api-keys': [
    { most: 1, make: async () => [201, 'POST', '/v1/api-keys', { name: 'Name', scopes: ['audit'] }] },
  ],
  'GET /v1/api-keys': [{ most: 1, make: async () => [200, 'GET', '/v1/api-keys'] }],
  'DELETE /v1/api-keys/{apiKeyId}': [
    {
      most: 1,
      make: async () => {
        const { id } = (await call('POST', '/v1/api-keys', { name: 'Name', scopes: ['audit'] })).body;
        return [204, 'DELETE', `/v1/api-keys/${id}`];
      },
    },
  ],
  'GET /v1/tenant': [{ most: 1, make: async () => [200, 'GET', '/v1/tenant'] }],
  'GET /healthz': [{ most: 0, make: async () => [200, 'GET', '/healthz'] }],
  'GET /readyz': [{ most: 2, make: async () => [200, 'GET', '/readyz'] }],
  'GET /.well-known/jwks.json': [{ most: 0, make: async () => [200, 'GET', '/.well-known/jwks.json'] }],
};

describe('round trips to the database', () => {
  test('are counted for every call of the API, and none takes more than three', () => {
    expect(Object.keys(table).toSorted()).toEqual(api.operations.map(({ key }) => key).toSorted());
    for (const row of Object.values(table).flat()) expect(row.most).toBeLessThanOrEqual(3);
  });

  const rows = Object.entries(table).flatMap(([key, list]) => list.map((row) => ({ key, what: '', ...row })));
  test.each(rows)('$key $what: $most', async ({ key, most, make }) => {
    const [status, method, path, body, headers] = await make();
    expect(api.find(method, path)?.key).toBe(key);
    const statements = await statementsOf(status, method, path, body, headers);
    // Exactly: a row that allows more than is needed would hide the next one.
    expect({ statements, count: statements.length }).toEqual({ statements, count: most });
  });

  test('of a verify are one to read and one to charge, without a transaction around them', async () => {
    const user = await panel.totpUser();
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const wrong = await statementsOf(422, 'POST', path, { code: wrongTotp(user.secret) });
    expect(wrong).toEqual(['challenge.verify-read', 'challenge.verify-charge']);
    const right = await statementsOf(200, 'POST', path, { code: totp(user.secret) });
    expect(right).toEqual(['challenge.verify-read', 'challenge.totp-approve']);

    const other = await panel.totpUser();
    await allowTrust(other);
    const body = { code: totp(other.secret), rememberBrowser: true };
    expect(await statementsOf(200, 'POST', `/v1/challenges/${await panel.challenge(other)}/verify`, body)).toEqual([
      'challenge.verify-read',
      'challenge.totp-approve-and-remember',
    ]);
  });

  test('of a call whose API key is not known yet are one more', async () => {
    const authorization = `Bearer ${await panel.key(['accounts'])}`;
    seen.length = 0;
    expect((await call('GET', '/v1/policy', undefined, { authorization })).status).toBe(200);
    expect(seen).toEqual([lookUp, 'policy.find']);
    for (let calls = 0; calls < 10; calls += 1) await call('GET', '/v1/policy', undefined, { authorization });
    // Once more where the ten take longer than it is believed.
    expect(seen.filter((name) => name === lookUp).length).toBeLessThan(5);
  });

  test('of a call with an Idempotency-Key are five more at the first time, and a retry does no work', async () => {
    const { accountId, userId } = await smsUser();
    const make = () =>
      statementsOf(201, 'POST', '/v1/challenges', { accountId, userId }, { 'idempotency-key': 'counted' });
    expect(await make()).toEqual([
      'begin',
      'idempotency.claim',
      'idempotency.read',
      'challenge.create-read',
      'challenge.create-and-send',
      'idempotency.store',
      'commit',
    ]);
    expect(await make()).toEqual(['begin', 'idempotency.claim', 'idempotency.read']);
  });

  test('are prepared once per connection, where a login or an attack makes many of them', async () => {
    const prepared = await panel.sql<{ name: string }>('select name from pg_prepared_statements');
    expect(prepared.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'authenticate-api-key',
        'challenge.create-read',
        'challenge.create',
        'challenge.create-and-send',
        'challenge.send-read',
        'challenge.send',
        'challenge.verify-read',
        'challenge.verify-charge',
        'challenge.totp-approve',
        'challenge.sent-code-approve',
        'challenge.recover-read',
        'challenge.recover-charge',
        'device.verify-read',
        'device.verify-charge',
        'idempotency.claim',
        'idempotency.read',
        'idempotency.store',
      ]),
    );
  });
});
