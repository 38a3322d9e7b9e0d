import { randomBytes } from 'node:crypto';
import { SoftwareAuthenticator } from './software-authenticator.js';
import { totp } from './gateway-harness.js';
import {
  type Row,
  call,
  callOf,
  changeOf,
  get,
  openEnrolment,
  origin,
  panel,
  reusingUser,
  sms,
  smsUser,
  trustedBrowser,
  withTotp,
} from './counted-statements.js';

/** How many statements each call of accounts, users, policies and devices takes at most. */

/** Every call of the API and what it costs: round trips to the database, with a known API key and no Idempotency-Key. */
export const callsOfUsers: Record<string, readonly Row[]> = {
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
  'GET /v1/users': [{ most: 1, make: async () => [200, 'GET', '/v1/users?twoFactor=disabled'] }],
  'GET /v1/users/counts': [
    { most: 1, make: async () => [200, 'GET', '/v1/users/counts'] },
    { what: 'of an account', most: 1, make: get(({ accountId }) => `/v1/users/counts?accountId=${accountId}`) },
  ],
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
};
