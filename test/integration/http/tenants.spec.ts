import { describe, expect, test } from '@jest/globals';
import { totp } from '../../support/gateway-harness.js';
import { attemptsOnWebhooks } from '../../support/attempts-on-webhooks.js';
import { readRows } from '../../support/table-rows.js';
import {
  type Attempt,
  api,
  attacker,
  call,
  empty,
  onlyOwn,
  own,
  panel,
  theirs,
  victim,
} from '../../support/belongings.js';
import type { Answer } from '../../support/system.js';

const invalid = (answer: Answer) => expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
const notTheirs = ({ body }: Answer) => expect(JSON.stringify(body)).not.toContain(theirs.user.accountId);
/** Every call takes another tenant's ids wherever it takes an id; each attempt is one place. */
const matrix: Record<string, () => readonly Attempt[]> = {
  // The ids of accounts are the panel's own: this makes the attacker's own account of that name.
  'PUT /v1/accounts/{accountId}': () => [
    {
      path: `/v1/accounts/${theirs.user.accountId}`,
      body: { name: 'Mine' },
      answers: (answer) => expect(answer).toMatchObject({ status: 200, body: { name: 'Mine' } }),
    },
  ],
  'GET /v1/accounts/{accountId}': () => [{ path: `/v1/accounts/${theirs.phone.accountId}` }],
  'GET /v1/accounts': () => [
    {
      path: '/v1/accounts?limit=200',
      answers: (answer) => expect(JSON.stringify(answer.body)).not.toContain(theirs.phone.accountId),
    },
  ],
  'PUT /v1/accounts/{accountId}/users/{userId}': () => [{ path: theirs.phone.path, body: { displayName: 'Mine' } }],
  'PATCH /v1/accounts/{accountId}/users/{userId}': () => [{ path: theirs.phone.path, body: { displayName: 'Mine' } }],
  'GET /v1/accounts/{accountId}/users/{userId}': () => [{ path: theirs.user.path }, { path: theirs.phone.path }],
  'DELETE /v1/accounts/{accountId}/users/{userId}': () => [{ path: theirs.user.path }, { path: theirs.phone.path }],
  'GET /v1/accounts/{accountId}/users': () => [{ path: `/v1/accounts/${theirs.phone.accountId}/users` }],
  'GET /v1/users': () => [{ path: '/v1/users?twoFactor=enabled&limit=200', answers: notTheirs }],
  'GET /v1/users/counts': () => [{ path: `/v1/users/counts?accountId=${theirs.phone.accountId}` }],
  'GET /v1/policy': () => [
    { path: '/v1/policy', answers: (answer) => expect(answer).toMatchObject({ body: { override: {} } }) },
  ],
  'PUT /v1/policy': () => [
    { path: '/v1/policy', body: { totp: { window: 0 } }, answers: (answer) => expect(answer.status).toBe(200) },
  ],
  'PATCH /v1/policy': () => [
    { path: '/v1/policy', body: { totp: { window: 0 } }, answers: (answer) => expect(answer.status).toBe(200) },
  ],
  'PATCH /v1/accounts/{accountId}/policy': () => [{ path: `/v1/accounts/${theirs.phone.accountId}/policy`, body: {} }],
  'GET /v1/accounts/{accountId}/policy': () => [{ path: `/v1/accounts/${theirs.phone.accountId}/policy` }],
  'PUT /v1/accounts/{accountId}/policy': () => [{ path: `/v1/accounts/${theirs.phone.accountId}/policy`, body: {} }],
  'DELETE /v1/accounts/{accountId}/policy': () => [{ path: `/v1/accounts/${theirs.phone.accountId}/policy` }],
  'POST /v1/accounts/{accountId}/users/{userId}/devices': () => [
    { path: `${theirs.phone.path}/devices`, body: { method: 'totp', name: 'Mine' } },
    {
      path: `${theirs.user.path}/devices`,
      body: { method: 'totp', name: 'Mine' },
      headers: { 'sallyport-proof': theirs.proof },
    },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/devices/import': () => [
    { path: `${theirs.user.path}/devices/import`, body: { name: 'Mine', secret: own.user.secret } },
    { path: `${theirs.phone.path}/devices/import`, body: { name: 'Mine', secret: own.user.secret } },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/devices': () => [{ path: `${theirs.user.path}/devices` }],
  'GET /v1/devices/{deviceId}': () => [
    { path: `/v1/devices/${theirs.user.deviceId}` },
    { path: `/v1/devices/${theirs.unverifiedId}` },
  ],
  'PATCH /v1/devices/{deviceId}': () => [
    { path: `/v1/devices/${theirs.user.deviceId}`, body: { name: 'Mine', isDefault: true } },
  ],
  'DELETE /v1/devices/{deviceId}': () => [
    { path: `/v1/devices/${theirs.unverifiedId}` },
    { path: `/v1/devices/${theirs.user.deviceId}`, headers: { 'sallyport-proof': theirs.proof } },
    {
      // Their proof does not open one's own things either.
      path: `/v1/devices/${own.user.deviceId}`,
      headers: { 'sallyport-proof': theirs.proof },
      answers: (answer) => expect(answer).toMatchObject({ status: 422, body: { code: 'proof_invalid' } }),
    },
  ],
  'PUT /v1/accounts/{accountId}/users/{userId}/two-factor': () => [
    { path: `${theirs.user.path}/two-factor`, body: { enabled: false }, headers: { 'sallyport-proof': theirs.proof } },
    { path: `${theirs.user.path}/two-factor`, body: { enabled: true } },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/two-factor/reset': () => [
    { path: `${theirs.user.path}/two-factor/reset`, body: { reason: 'Mine' } },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/trusted-browsers': () => [
    { path: `${theirs.user.path}/trusted-browsers` },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers/{trustedBrowserId}': () => [
    { path: `${theirs.user.path}/trusted-browsers/${theirs.trustedBrowserId}` },
    { path: `${own.user.path}/trusted-browsers/${theirs.trustedBrowserId}` },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers': () => [
    { path: `${theirs.user.path}/trusted-browsers` },
  ],
  'GET /v1/send-blocks': () => [
    {
      path: '/v1/send-blocks',
      answers: (answer) => expect(answer.body.data.map((block: { id: string }) => block.id)).toEqual([own.blockId]),
    },
  ],
  'DELETE /v1/send-blocks/{blockId}': () => [{ path: `/v1/send-blocks/${theirs.blockId}` }],
  'DELETE /v1/devices/{deviceId}/quota': () => [{ path: `/v1/devices/${theirs.phone.deviceId}/quota` }],
  'PUT /v1/devices/{deviceId}/phone': () => [
    { path: `/v1/devices/${theirs.phone.deviceId}/phone`, body: { phone: '+31612340000' } },
    {
      path: `/v1/devices/${theirs.phone.deviceId}/phone`,
      body: { phone: '+31612340000' },
      headers: { 'sallyport-proof': theirs.proof },
    },
  ],
  'POST /v1/devices/{deviceId}/codes': () => [{ path: `/v1/devices/${theirs.unverifiedId}/codes` }],
  'POST /v1/devices/{deviceId}/verify': () => [
    { path: `/v1/devices/${theirs.unverifiedId}/verify`, body: { code: '123456' } },
    { path: `/v1/devices/${own.unverifiedId}/verify`, body: { code: '123456', challengeId: theirs.challengeId } },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/recovery-codes': () => [{ path: `${theirs.user.path}/recovery-codes` }],
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes': () => [
    { path: `${theirs.user.path}/recovery-codes`, headers: { 'sallyport-proof': theirs.proof } },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes/acknowledge': () => [
    { path: `${theirs.user.path}/recovery-codes/acknowledge` },
  ],
  'POST /v1/challenges': () => [
    { path: '/v1/challenges', body: { accountId: theirs.user.accountId, userId: theirs.user.userId } },
    { path: '/v1/challenges', body: { accountId: own.user.accountId, userId: theirs.user.userId } },
    {
      path: '/v1/challenges',
      body: { accountId: own.user.accountId, userId: own.user.userId, deviceId: theirs.user.deviceId },
    },
    {
      path: '/v1/challenges',
      body: {
        accountId: theirs.user.accountId,
        userId: theirs.user.userId,
        trustedBrowser: theirs.trustedBrowser,
      },
    },
  ],
  'GET /v1/challenges/{challengeId}': () => [{ path: `/v1/challenges/${theirs.challengeId}` }],
  'POST /v1/challenges/{challengeId}/cancel': () => [{ path: `/v1/challenges/${theirs.challengeId}/cancel` }],
  'POST /v1/challenges/{challengeId}/codes': () => [
    { path: `/v1/challenges/${theirs.phoneChallengeId}/codes`, body: { deviceId: theirs.phone.deviceId } },
    { path: `/v1/challenges/${theirs.phoneChallengeId}/codes`, body: { deviceId: own.phone.deviceId } },
    { path: `/v1/challenges/${own.phoneChallengeId}/codes`, body: { deviceId: theirs.phone.deviceId } },
  ],
  'POST /v1/challenges/{challengeId}/verify': () => [
    { path: `/v1/challenges/${theirs.challengeId}/verify`, body: { code: totp(theirs.user.secret) } },
    { path: `/v1/challenges/${theirs.challengeId}/verify`, body: { code: '123456', deviceId: own.user.deviceId } },
    { path: `/v1/challenges/${own.challengeId}/verify`, body: { code: '123456', deviceId: theirs.user.deviceId } },
    { path: `/v1/challenges/${theirs.challengeId}/verify`, body: { recoveryCode: theirs.user.recoveryCodes[0] } },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/lockouts': () => [{ path: `${theirs.user.path}/lockouts` }],
  'DELETE /v1/accounts/{accountId}/users/{userId}/lockouts': () => [{ path: `${theirs.user.path}/lockouts` }],
  'GET /v1/deliveries/{deliveryId}': () => [{ path: `/v1/deliveries/${theirs.deliveryId}` }],
  'GET /v1/deliveries': () => [
    { path: '/v1/deliveries', answers: onlyOwn },
    { path: `/v1/deliveries?accountId=${theirs.user.accountId}`, answers: empty },
    { path: `/v1/deliveries?userId=${theirs.phone.userId}`, answers: empty },
    { path: `/v1/deliveries?deviceId=${theirs.phone.deviceId}`, answers: empty },
    { path: `/v1/deliveries?challengeId=${theirs.phoneChallengeId}`, answers: empty },
  ],
  'GET /v1/deliveries/summary': () => [{ path: '/v1/deliveries/summary', answers: notTheirs }],
  'GET /v1/audit/events': () => [
    { path: '/v1/audit/events', answers: onlyOwn },
    { path: `/v1/audit/events?accountId=${theirs.user.accountId}`, answers: empty },
    { path: `/v1/audit/events?userId=${theirs.user.userId}`, answers: empty },
    { path: `/v1/audit/events?deviceId=${theirs.user.deviceId}`, answers: empty },
    // Not a place in one's own stream: the same answer as for an id that never was.
    { path: `/v1/audit/events?after=${theirs.eventId}`, answers: invalid },
  ],
  'GET /v1/audit/export': () => [
    {
      path: '/v1/audit/export?format=cloudevents',
      answers: ({ body }) => {
        expect(body).toContain(`/tenants/${attacker.tenantId}`);
        expect(body).not.toContain(theirs.user.accountId);
      },
    },
    { path: `/v1/audit/export?cursor=${theirs.eventId}`, answers: invalid },
  ],
  'GET /v1/audit/stream': () => [{ path: `/v1/audit/stream?cursor=${theirs.eventId}`, answers: invalid }],
  'GET /v1/audit/checkpoints': () => [{ path: '/v1/audit/checkpoints', answers: empty }],
  'GET /v1/compliance/report': () => [{ path: '/v1/compliance/report?profile=nist', answers: notTheirs }],
  'GET /v1/audit/proofs': () => [{ path: `/v1/audit/proofs?eventId=${theirs.eventId}` }],
  // By sizes alone: only a log of the caller's own can have them.
  'GET /v1/audit/proofs/consistency': () => [
    { path: '/v1/audit/proofs/consistency?from=0&to=1000000', answers: invalid },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/audit/proofs': () => [
    { path: `${theirs.user.path}/audit/proofs` },
    { path: `${own.user.path}/audit/proofs?cursor=${theirs.eventId}`, answers: invalid },
  ],
  ...attemptsOnWebhooks,
  'POST /v1/api-keys': () => [
    {
      path: '/v1/api-keys',
      body: { name: 'Mine', scopes: ['audit'], tenantId: 'TENANT' },
      answers: (answer) => expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/tenantId' }] } }),
    },
  ],
  'GET /v1/tenant': () => [
    {
      path: '/v1/tenant',
      answers: (answer) => expect(answer).toMatchObject({ status: 200, body: { id: attacker.tenantId } }),
    },
  ],
  'GET /v1/api-keys': () => [{ path: '/v1/api-keys', answers: onlyOwn }],
  'DELETE /v1/api-keys/{apiKeyId}': () => [{ path: `/v1/api-keys/${theirs.apiKeyId}` }],
};

let attempts = 0;
/** Nothing of any tenant's is behind these. */
const open = [
  'GET /healthz',
  'GET /readyz',
  'GET /.well-known/jwks.json',
  // Keys that verify what was signed, and whose id has to be known.
  'GET /.well-known/audit-keys/{tenantId}',
  'GET /v1/event-schemas/{type}',
  ...['POST', 'GET'].map((method) => `${method} /v1/providers/{provider}/receipts`),
];
/** Calls that rightly write, and only what is the attacker's own. */
const ownWrites = [
  'PUT /v1/accounts/{accountId}',
  'PUT /v1/policy',
  'PATCH /v1/policy',
  'GET /v1/audit/events',
  'GET /v1/audit/export',
];

describe("T26: another tenant's objects are not there", () => {
  test('in any operation of the API: the matrix has all', () => {
    const known = [...Object.keys(matrix), ...open].toSorted();
    expect(known).toEqual(api.operations.map(({ key }) => key).toSorted());
    for (const { key, scope } of api.operations) expect(scope === null).toBe(open.includes(key));
  });

  test.each(Object.keys(matrix))('%s', async (key) => {
    const without = ownWrites.includes(key) ? attacker.tenantId : '';
    const before = await readRows(panel, without);
    for (const { path, body, headers = {}, answers } of matrix[key]?.() ?? []) {
      const method = key.split(' ')[0] ?? '';
      expect(api.find(method, path)?.key).toBe(key);
      // With and without a key for repeats: neither may open a way.
      for (const more of [
        {},
        ...(without === '' && method !== 'GET' ? [{ 'idempotency-key': `attempt-${(attempts += 1)}` }] : []),
      ]) {
        const answer = await call(method, path, body, { ...headers, ...more });
        if (answers) answers(answer);
        else expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    }
    // The answers kept for repeats are the attacker's own rows.
    const { idempotent_answer: _, ...after } = await readRows(panel, without);
    const { idempotent_answer: __, ...expected } = before;
    expect(after).toEqual(expected);
  });

  test('where both have an account and a user of the same names', async () => {
    const { accountId, userId, path } = theirs.phone;
    expect((await call('PUT', `/v1/accounts/${accountId}`, {})).status).toBe(200);
    expect((await call('PUT', path, { displayName: 'Mine' })).status).toBe(200);
    expect(await call('GET', path)).toMatchObject({ body: { displayName: 'Mine', devices: [], recoveryCodesLeft: 0 } });
    expect(await call('GET', `${path}/devices`)).toMatchObject({ body: { data: [] } });
    expect(await call('POST', '/v1/challenges', { accountId, userId })).toMatchObject({
      body: { decision: 'allow', reason: 'two_factor_off' },
    });
    expect(await victim.call('GET', path)).toMatchObject({
      body: { displayName: null, devices: [{ status: 'verified' }] },
    });
    expect(await victim.call('POST', '/v1/challenges', { accountId, userId })).toMatchObject({
      body: { decision: 'challenge' },
    });
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await victim.call('GET', path)).status).toBe(200);
  });

  test('and the victim still has everything', async () => {
    const { user, challengeId } = theirs;
    const code = totp(user.secret);
    await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
    expect(
      await victim.call('POST', `/v1/challenges/${challengeId}/verify`, { code, deviceId: user.deviceId }),
    ).toMatchObject({
      status: 200,
    });
    expect(await victim.call('GET', user.path)).toMatchObject({ body: { recoveryCodesLeft: 10 } });
  });
});
