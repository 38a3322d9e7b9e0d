import { totp, wrongTotp } from './gateway-harness.js';
import type { EnrolledTotp } from './gateway-harness.js';
import { type Row, allowTrust, call, panel, sms, smsUser, trustedBrowser, withTotp } from './counted-statements.js';

/**
 * Calls that change more than those of the other tables: what goes with something else, in every way it can go. The number of statements
 * is not looked at here.
 */
type Change = Omit<Row, 'most'>;

const manyFacts = { displayName: 'Ann', email: 'ann@example.com', phone: '+31632000009', locale: 'nl' };

/** @returns id of a device that waits to be verified, and its seed */
async function openApp(user: EnrolledTotp, more: object = {}): Promise<{ id: string; secret: string }> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const { id, totp: shown } = (
    await call('POST', `${user.path}/devices`, { method: 'totp', name: 'New', ...more }, headers)
  ).body;
  return { id, secret: shown.secret };
}

async function secondApp(user: EnrolledTotp): Promise<string> {
  const { id, secret } = await openApp(user);
  await call('POST', `/v1/devices/${id}/verify`, { code: totp(secret) });
  return id;
}

/** Locked, with a trusted browser, an open challenge and a second device. */
async function burden(user: EnrolledTotp): Promise<void> {
  await trustedBrowser(user);
  await secondApp(user);
  const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
  await panel.sql('update device set wrong_codes = 10 where id = $1', [user.deviceId]);
  await call('POST', path, { deviceId: user.deviceId, code: wrongTotp(user.secret) });
}

const proved = async (user: EnrolledTotp, purpose: string) => ({ 'sallyport-proof': await panel.proof(user, purpose) });

export const callsThatChangeMore: Record<string, readonly Change[]> = {
  'PUT /v1/accounts/{accountId}': [
    {
      what: 'name and language of one that is there',
      make: withTotp(({ accountId }) => [200, 'PUT', `/v1/accounts/${accountId}`, { name: 'Other', locale: 'cs' }]),
    },
  ],
  'PUT /v1/accounts/{accountId}/users/{userId}': [
    { what: 'all of it', make: withTotp(({ path }) => [200, 'PUT', path, manyFacts]) },
    { what: 'a new one with all of it', make: withTotp(({ path }) => [200, 'PUT', `${path}-new`, manyFacts]) },
  ],
  'PATCH /v1/accounts/{accountId}/users/{userId}': Object.keys(manyFacts).map((name) => ({
    what: `${name} to nothing`,
    make: withTotp(async ({ path }) => {
      await call('PUT', path, manyFacts);
      return [200, 'PATCH', path, { [name]: null }];
    }),
  })),
  'DELETE /v1/accounts/{accountId}/users/{userId}': [
    {
      what: 'with all that can be had',
      make: withTotp(async (user) => {
        await burden(user);
        return [204, 'DELETE', user.path];
      }),
    },
  ],
  'PATCH /v1/devices/{deviceId}': [
    {
      what: 'the default in place of another',
      make: withTotp(async (user) => [200, 'PATCH', `/v1/devices/${await secondApp(user)}`, { isDefault: true }]),
    },
  ],
  'DELETE /v1/devices/{deviceId}': [
    {
      what: 'the default, with a trusted browser',
      make: withTotp(async (user) => {
        await trustedBrowser(user);
        await secondApp(user);
        return [204, 'DELETE', `/v1/devices/${user.deviceId}`, undefined, await proved(user, 'remove_device')];
      }),
    },
    {
      what: 'the last, with an enrolment that is under way',
      make: withTotp(async (user) => {
        await openApp(user);
        await call('PUT', `${user.path}/two-factor`, { enabled: false }, await proved(user, 'disable'));
        return [204, 'DELETE', `/v1/devices/${user.deviceId}`];
      }),
    },
  ],
  'POST /v1/devices/{deviceId}/verify': [
    {
      what: 'in place of one with a trusted browser',
      make: withTotp(async (user) => {
        await trustedBrowser(user);
        const { id, secret } = await openApp(user, { replaces: user.deviceId });
        return [200, 'POST', `/v1/devices/${id}/verify`, { code: totp(secret) }];
      }),
    },
    {
      what: "the user's first of two",
      make: async () => {
        const { path } = await panel.user();
        await call('POST', `${path}/devices`, sms());
        const { id, totp: shown } = (await call('POST', `${path}/devices`, { method: 'totp', name: 'App' })).body;
        return [200, 'POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) }];
      },
    },
    {
      what: 'with the challenge that asked for it',
      make: async () => {
        const { accountId, userId, path } = await panel.user();
        await call('PUT', `/v1/accounts/${accountId}/policy`, { twoFactor: { required: 'all' } });
        const { challenge } = (await call('POST', '/v1/challenges', { accountId, userId })).body;
        const { id, totp: shown } = (await call('POST', `${path}/devices`, { method: 'totp', name: 'App' })).body;
        const body = { code: totp(shown.secret), challengeId: challenge.id };
        return [200, 'POST', `/v1/devices/${id}/verify`, body];
      },
    },
  ],
  'POST /v1/accounts/{accountId}/users/{userId}/devices/import': [
    {
      what: 'beside an enrolment',
      make: async () => {
        const { path } = await panel.user();
        await call('POST', `${path}/devices`, sms());
        const body = { name: 'App', secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU' };
        return [201, 'POST', `${path}/devices/import`, body];
      },
    },
  ],
  'PUT /v1/accounts/{accountId}/users/{userId}/two-factor': ['keep', 'remove'].map((onDisable) => ({
    what: `off with all that can be had: ${onDisable}`,
    make: withTotp(async (user) => {
      await burden(user);
      const path = `/v1/accounts/${user.accountId}/policy`;
      await call('PATCH', path, { twoFactor: { onDisable }, proofRequired: { disable: false } });
      return [200, 'PUT', `${user.path}/two-factor`, { enabled: false, actor: 'Operator' }];
    }),
  })),
  'POST /v1/accounts/{accountId}/users/{userId}/two-factor/reset': [
    {
      what: 'of all that can be had',
      make: withTotp(async (user) => {
        await burden(user);
        return [200, 'POST', `${user.path}/two-factor/reset`, { reason: 'Lost', actor: 'Operator' }];
      }),
    },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers': [
    {
      what: 'of some',
      make: withTotp(async (user) => {
        await trustedBrowser(user);
        return [204, 'DELETE', `${user.path}/trusted-browsers`];
      }),
    },
  ],
  'DELETE /v1/accounts/{accountId}/users/{userId}/lockouts': [
    {
      what: 'of some',
      make: withTotp(async (user) => {
        await burden(user);
        return [204, 'DELETE', `${user.path}/lockouts`];
      }),
    },
  ],
  'POST /v1/challenges/{challengeId}/verify': [
    {
      what: 'a wrong code that locks',
      make: withTotp(async (user) => {
        const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
        await panel.sql('update device set wrong_codes = 10 where id = $1', [user.deviceId]);
        return [422, 'POST', path, { code: wrongTotp(user.secret) }];
      }),
    },
    {
      what: 'a wrong code that disables',
      make: withTotp(async (user) => {
        await trustedBrowser(user);
        const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
        await panel.sql('update device set wrong_codes = 49 where id = $1', [user.deviceId]);
        return [422, 'POST', path, { code: wrongTotp(user.secret) }];
      }),
    },
    {
      what: 'the last wrong code of a challenge',
      make: withTotp(async (user) => {
        const id = await panel.challenge(user);
        await panel.sql('update challenge set checks = max_checks - 1 where id = $1', [id]);
        return [422, 'POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) }];
      }),
    },
    {
      what: 'a code that was used',
      make: withTotp(async (user) => {
        const code = totp(user.secret);
        await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { code });
        return [422, 'POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { code }];
      }),
    },
    {
      what: 'a wrong recovery code',
      make: withTotp(async (user) => {
        const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
        return [422, 'POST', path, { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' }];
      }),
    },
  ],
  'POST /v1/challenges': [
    {
      what: 'denied',
      make: async () => {
        const { accountId, userId } = await panel.user(panel, { kind: 'service' });
        return [201, 'POST', '/v1/challenges', { accountId, userId }];
      },
    },
    {
      what: 'whose code is one too many today',
      make: async () => {
        const { accountId, userId } = await smsUser();
        await call('PUT', `/v1/accounts/${accountId}/policy`, { phone: { smsPerDevicePerDay: 1 } });
        await panel.passMinute();
        return [201, 'POST', '/v1/challenges', { accountId, userId }];
      },
    },
    {
      what: 'from an address and a browser',
      make: withTotp(async (user) => {
        await allowTrust(user);
        const { accountId, userId } = user;
        return [
          201,
          'POST',
          '/v1/challenges',
          { accountId, userId, context: { ip: '203.0.113.7', userAgent: 'Firefox' } },
        ];
      }),
    },
  ],
  'POST /v1/api-keys': [
    {
      what: 'of an application',
      make: async () => [201, 'POST', '/v1/api-keys', { name: 'Name', scopes: ['challenges'], application: 'panel' }],
    },
  ],
};
