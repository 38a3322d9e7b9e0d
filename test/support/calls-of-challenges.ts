import { totp, wrongTotp } from './gateway-harness.js';
import {
  type Row,
  allowTrust,
  call,
  get,
  origin,
  panel,
  passkeyChallenge,
  passkeyUser,
  smsUser,
  trustedBrowser,
  withTotp,
} from './counted-statements.js';

/** How many statements each call of challenges, and of what remains, takes at most. */

export const callsOfChallenges: Record<string, readonly Row[]> = {
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
  'GET /v1/deliveries/summary': [{ most: 1, make: async () => [200, 'GET', '/v1/deliveries/summary'] }],
  'GET /v1/deliveries': [{ most: 1, make: async () => [200, 'GET', '/v1/deliveries?status=queued'] }],
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
