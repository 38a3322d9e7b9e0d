import { describe, expect, test } from '@jest/globals';
import { presetNames } from '#contracts';
import { type Values, account, call, defaults, namesOf, panel, tenant } from '../../support/policies.js';

test('the defaults are those of the contract, and nobody has set them', async () => {
  for (const path of ['/v1/policy', await account()]) {
    const { status, body } = await call('GET', path);
    expect(status).toBe(200);
    expect(body.effective).toEqual(defaults);
    expect(body.override).toEqual({});
    expect(Object.keys(body.sources).toSorted()).toEqual(namesOf(body.effective).toSorted());
    expect(new Set(Object.values(body.sources))).toEqual(new Set(['default']));
  }
});

test('an account inherits from its tenant, value by value, and says from where each comes', async () => {
  const path = await account();
  const other = await account('account-2');
  await call('PUT', '/v1/policy', {
    code: { maxSends: 3, ttlSeconds: 120 },
    supportContact: 'desk',
    methods: { allowed: ['totp', 'sms'] },
  });
  const written = await call('PUT', path, {
    code: { maxSends: 7 },
    supportContact: null,
    methods: { allowed: ['sms'] },
  });
  const shown = await call('GET', path);
  expect(shown.body).toEqual(written.body);
  expect(shown.body.effective).toMatchObject({
    code: { maxSends: 7, ttlSeconds: 120, resendAfterSeconds: 30 },
    // Null is a value, and a list replaces: nothing is merged into it.
    supportContact: null,
    methods: { allowed: ['sms'], exclusive: false },
  });
  expect(shown.body.sources).toMatchObject({
    'code.maxSends': 'account',
    'code.ttlSeconds': 'tenant',
    'code.resendAfterSeconds': 'default',
    supportContact: 'account',
    'methods.allowed': 'account',
  });
  expect(shown.body.override).toEqual({ code: { maxSends: 7 }, supportContact: null, methods: { allowed: ['sms'] } });
  expect((await call('GET', other)).body).toMatchObject({
    effective: { code: { maxSends: 3 }, supportContact: 'desk' },
    sources: { 'code.maxSends': 'tenant' },
    override: {},
  });
});

test('PUT replaces: what it leaves out is inherited again', async () => {
  const path = await account();
  await call('PUT', '/v1/policy', { totp: { window: 0 } });
  await call('PUT', path, { code: { maxSends: 7, ttlSeconds: 60 }, totp: { window: 1 } });
  const { body } = await call('PUT', path, { code: { ttlSeconds: 90 } });
  expect(body.effective).toMatchObject({ code: { maxSends: 5, ttlSeconds: 90 }, totp: { window: 0 } });
  expect(body.override).toEqual({ code: { ttlSeconds: 90 } });
  expect((await call('PUT', '/v1/policy', {})).body.effective).toEqual(defaults);
  expect((await call('GET', path)).body.effective).toMatchObject({ code: { ttlSeconds: 90 }, totp: { window: 1 } });
});

test('DELETE drops the override, once or twice', async () => {
  const path = await account();
  await call('PUT', path, { code: { maxSends: 7 } });
  for (let time = 0; time < 2; time += 1) {
    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { override: {}, effective: defaults } });
  }
});

test('a change counts at once, in every decision', async () => {
  const user = await panel.user(tenant);
  const path = `/v1/accounts/${user.accountId}/policy`;
  const enrol = () => call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
  await call('PUT', path, { methods: { allowed: ['sms'] } });
  expect(await enrol()).toMatchObject({ status: 422, body: { code: 'method_not_allowed' } });
  await call('DELETE', path);
  expect(await enrol()).toMatchObject({ status: 201 });
});

test('a change is told with the names of what changed, and what changes nothing is not told', async () => {
  const path = await account();
  const changes = async () => {
    const rows = await panel.sql<{ data: Values; account: string | null }>(
      `select data - 'apiKeyId' as data, account_id as account from event where tenant_id = $1 and type = 'policy.changed' order by time`,
      [tenant.tenantId],
    );
    return rows.map((row) => ({ ...row.data, account: row.account }));
  };
  await call('PUT', '/v1/policy', { code: { maxSends: 3 }, supportContact: 'desk' });
  await call('PUT', '/v1/policy', { supportContact: 'desk', code: { maxSends: 3 } });
  await call('PUT', path, { code: { maxSends: 4 } });
  await call('DELETE', path);
  await call('DELETE', path);
  expect(await changes()).toEqual([
    {
      level: 'tenant',
      changed: ['supportContact', 'code.maxSends'],
      old: { supportContact: null, 'code.maxSends': 5 },
      new: { supportContact: 'desk', 'code.maxSends': 3 },
      account: null,
    },
    {
      level: 'account',
      changed: ['code.maxSends'],
      old: { 'code.maxSends': 3 },
      new: { 'code.maxSends': 4 },
      account: 'account-1',
    },
    {
      level: 'account',
      changed: ['code.maxSends'],
      old: { 'code.maxSends': 4 },
      new: { 'code.maxSends': 3 },
      account: 'account-1',
    },
  ]);
});

test('a change is told without whole addresses and numbers', async () => {
  await call('PUT', '/v1/policy', { supportContact: 'Help desk <desk@panel.example>, +31 20 123 45 67' });
  await call('PATCH', '/v1/policy', { supportContact: 'help@panel.example' });
  const rows = await panel.sql<{ data: { new: Values } }>(
    `select data from event where tenant_id = $1 and type = 'policy.changed' order by time`,
    [tenant.tenantId],
  );
  expect(rows.map(({ data }) => data.new['supportContact'])).toEqual([
    'Help desk <d***@panel.example>, +31*****67',
    'h***@panel.example',
  ]);
});

test('every time zone that a policy takes is one that PostgreSQL knows', async () => {
  const user = await panel.user(tenant);
  expect(
    (await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '+31612345678' })).status,
  ).toBe(201);
  const path = `/v1/accounts/${user.accountId}/policy`;
  // Names that Intl takes beyond its own list: old ones and ICU's abbreviations.
  const odd = [
    'EST',
    'MST',
    'HST',
    'EST5EDT',
    'CTT',
    'VST',
    'PST',
    'BST',
    'ACT',
    'GMT0',
    'Japan',
    'Asia/Calcutta',
    'US/Pacific',
    'Etc/GMT+5',
    'Etc/Unknown',
  ];
  let taken = 0;
  for (const timeZone of [...Intl.supportedValuesOf('timeZone'), ...odd]) {
    const known = await panel.sql(`select now() at time zone $1 as at`, [timeZone]).catch(() => undefined);
    // Only what PostgreSQL does not know, and the odd ones, are worth a call each.
    if (known && !odd.includes(timeZone)) continue;
    const { status } = await call('PUT', path, { phone: { timeZone } });
    if (status === 200) {
      taken += 1;
      expect((await call('GET', `${user.path}/devices`)).body.data).toHaveLength(1);
    } else {
      expect(status).toBe(400);
    }
  }
  expect(taken).toBeGreaterThan(2);
});

test("the day's SMS begin anew at midnight in the account's time zone", async () => {
  const user = await panel.user(tenant);
  await call('PUT', `/v1/accounts/${user.accountId}/policy`, { phone: { timeZone: 'Pacific/Kiritimati' } });
  const { body } = await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '+31612345679' });
  // UTC+14, all year.
  expect(body.quota.resetsAt).toMatch(/T10:00:00\.000Z$/);
  expect(Date.parse(body.quota.resetsAt)).toBeGreaterThan(Date.now());
  const [row] = await panel.sql<{ fits: boolean }>(
    `select bool_and(starts_at = (now() at time zone 'Pacific/Kiritimati')::date::timestamp at time zone 'UTC') as fits from send_window q join device d on d.quota_key = q.key where d.id = $1`,
    [body.id],
  );
  expect(row?.fits).toBe(true);
});

describe('a preset', () => {
  test.each(presetNames)(
    '%s is applied by its name, at both levels, and says where its values come from',
    async (preset) => {
      const path = await account();
      for (const [where, source] of [
        ['/v1/policy', 'tenant'],
        [path, 'account'],
      ] as const) {
        const put = await call('PUT', where, { preset });
        expect(put.status).toBe(200);
        expect(put.body.override).toMatchObject({ preset, methods: { allowed: put.body.effective.methods.allowed } });
        expect(put.body.sources['methods.allowed']).toBe(source);
        expect(put.body.effective).not.toHaveProperty('preset');
        // What GET shows can be put back as it is.
        const again = await call('PUT', where, put.body.override);
        expect(again.body).toEqual(put.body);
      }
    },
  );

  test('gives way to values beside it', async () => {
    const { body } = await call('PUT', '/v1/policy', { preset: 'service-panel', phone: { timeZone: 'UTC' } });
    expect(body.effective.phone).toMatchObject({ timeZone: 'UTC', smsPerDevicePerDay: 15 });
    expect(body.effective.recoveryCodes.count).toBe(0);
  });

  test.each([
    ['pci-dss', 365],
    ['nis2', 365],
    ['psd2', 0],
    ['nist', 0],
  ] as const)(
    '%s has the tenant keep its log for %d days at least, and says nothing of it to an account',
    async (preset, least) => {
      const own = (await call('PUT', await account(), { preset })).body;
      expect(own.override).not.toHaveProperty('audit');
      expect(own.sources).toMatchObject({ 'audit.retentionAtLeastDays': 'default' });
      const shorter = await call('PUT', '/v1/policy', { preset, audit: { retentionDays: 364 } });
      expect(shorter.status).toBe(least > 364 ? 400 : 200);
      const { body } = await call('PUT', '/v1/policy', { preset });
      expect(body.effective.audit).toEqual({ retentionDays: null, retentionAtLeastDays: least });
    },
  );

  test('that is not known is refused, with those that are', async () => {
    const { status, body } = await call('PUT', '/v1/policy', { preset: 'casino' });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.errors).toEqual([{ pointer: '/preset', detail: expect.stringContaining('"user-card"') }]);
  });
});
