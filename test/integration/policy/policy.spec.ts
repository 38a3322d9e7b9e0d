import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { presetNames } from '#contracts';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let tenant: TestTenant;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());
beforeEach(async () => {
  tenant = await panel.tenant();
  call = (await ApiDescription.read(panel.url)).checked(tenant.call);
});

/** The contract's, value by value. */
const defaults = {
  twoFactor: { required: 'none', graceUntil: null, disableBy: 'user', onDisable: 'keep' },
  methods: { allowed: ['totp', 'sms', 'email', 'webauthn'], exclusive: false, notAlone: [] },
  phone: {
    reuseVerifiedOnAccount: false,
    allowedCountries: expect.arrayContaining(['NL', 'US']),
    smsPerDevicePerDay: 15,
    defaultCountry: null,
    timeZone: 'UTC',
  },
  email: { perDevicePerDay: 30 },
  sending: {
    perDevicePerHour: 20,
    perUserPerHour: 20,
    perAccountPerHour: 100,
    perTenantPerHour: 1000,
    perPrefixPerHour: 40,
    minApprovedPercent: 20,
    spendPerDay: 1000,
  },
  sms: { brand: expect.any(String), host: null },
  webauthn: {
    rpId: 'localhost',
    rpName: expect.any(String),
    origins: ['http://localhost:3001'],
    applications: {},
    userVerification: 'preferred',
  },
  proofRequired: { removeDevice: true, disable: true },
  supportContact: null,
  notices: expect.any(Object),
  recoveryCodes: { count: 10, acknowledgementRequired: false },
  code: { ttlSeconds: 300, resendAfterSeconds: 30, maxSends: 5 },
  challenge: { ttlSeconds: 600, maxChecks: 5 },
  totp: { window: 1, issuer: expect.any(String), allowShortImport: false },
  lockout: { free: 5, baseSeconds: 30, maxSeconds: 3600, disableAt: 50 },
  trustedBrowser: { allowed: false, days: 30 },
};

type Values = Record<string, unknown>;
/** `section.value` of every value, as in `sources`. */
const namesOf = (policy: Values): string[] =>
  Object.entries(policy).flatMap(([section, value]) =>
    value !== null && typeof value === 'object' ? Object.keys(value).map((key) => `${section}.${key}`) : [section],
  );
const account = async (id = 'account-1') => {
  expect((await call('PUT', `/v1/accounts/${id}`, {})).status).toBe(200);
  return `/v1/accounts/${id}/policy`;
};

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

describe('PATCH merges', () => {
  test.each(['tenant', 'account'])('what it leaves out stays, of the %s', async (level) => {
    const path = level === 'tenant' ? '/v1/policy' : await account();
    await call('PUT', path, { code: { maxSends: 7, ttlSeconds: 60 }, supportContact: 'desk', totp: { window: 0 } });
    const changed = await call('PATCH', path, { code: { maxSends: 3 }, methods: { allowed: ['totp'] } });
    expect(changed).toMatchObject({ status: 200, body: { sources: { 'code.maxSends': level } } });
    expect(changed.body.override).toEqual({
      code: { maxSends: 3, ttlSeconds: 60 },
      supportContact: 'desk',
      totp: { window: 0 },
      methods: { allowed: ['totp'] },
    });
    expect((await call('PATCH', path, {})).body).toEqual(changed.body);
    expect((await call('GET', path)).body).toEqual(changed.body);
  });

  test('null is a value where it may be one, and has any other inherited again', async () => {
    const path = await account();
    const graceUntil = '2027-01-01T00:00:00Z';
    await call('PUT', '/v1/policy', { twoFactor: { graceUntil }, supportContact: 'desk', code: { maxSends: 3 } });
    await call('PUT', path, { code: { maxSends: 7, ttlSeconds: 60 }, totp: { window: 0 }, lockout: { free: 3 } });
    const { body } = await call('PATCH', path, {
      twoFactor: { graceUntil: null },
      supportContact: null,
      code: { maxSends: null },
      totp: { window: null },
      lockout: null,
    });
    expect(body.override).toEqual({ code: { ttlSeconds: 60 }, twoFactor: { graceUntil: null }, supportContact: null });
    expect(body.effective).toMatchObject({
      twoFactor: { graceUntil: null },
      supportContact: null,
      code: { maxSends: 3, ttlSeconds: 60 },
      totp: { window: 1 },
      lockout: { free: 5 },
    });
  });

  test('a preset is laid over what there is, and what comes with it over that', async () => {
    const path = await account();
    await call('PUT', path, { supportContact: 'desk', totp: { window: 1 } });
    const { override } = (await call('PATCH', path, { preset: 'nist', code: { maxSends: 2 } })).body;
    expect(override).toMatchObject({
      preset: 'nist',
      supportContact: 'desk',
      totp: { window: 0 },
      code: { maxSends: 2 },
    });
    expect((await call('PATCH', path, { totp: { window: 1 } })).body.override).toEqual({
      ...override,
      totp: { ...override.totp, window: 1 },
    });
  });

  test('and refuses what it cannot mean, or what contradicts what stays', async () => {
    const path = await account();
    await call('PUT', path, { lockout: { free: 6 } });
    for (const [body, pointer] of [
      [{ lockout: { disableAt: 5 } }, '/lockout/free'],
      [{ code: { maxSends: 99 } }, '/code/maxSends'],
      [{ code: { sends: 1 } }, '/code/sends'],
      [{ preset: null }, '/preset'],
      [{ unknown: {} }, '/unknown'],
    ] as const) {
      expect(await call('PATCH', path, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    }
    expect((await call('GET', path)).body.override).toEqual({ lockout: { free: 6 } });
  });

  test('many at once, and none takes back what another one set', async () => {
    const path = await account();
    const values = {
      code: { maxSends: 2 },
      totp: { window: 0 },
      challenge: { maxChecks: 3 },
      email: { perDevicePerDay: 9 },
    };
    const answers = await Promise.all(
      Object.entries(values).map(([section, value]) => call('PATCH', path, { [section]: value })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await call('GET', path)).body.override).toEqual(values);
  });
});

describe('a value is refused past its bound', () => {
  const past: [pointer: string, bad: readonly unknown[], good: readonly unknown[]][] = [
    ['/twoFactor/required', ['some', null, true], ['none', 'all']],
    ['/twoFactor/graceUntil', ['soon', '2027-01-01', 0], ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00+01:00', null]],
    ['/twoFactor/disableBy', ['nobody'], ['user', 'admin']],
    ['/twoFactor/onDisable', ['forget'], ['keep', 'remove']],
    ['/methods/allowed', [[], ['fax'], 'totp', null], [['totp'], ['sms', 'email']]],
    ['/methods/exclusive', ['yes', 1], [true]],
    ['/methods/notAlone', [['fax']], [['sms'], []]],
    ['/phone/allowedCountries', [[], ['nl'], ['NLD'], ['UK'], 'NL'], [['NL', 'BE'], ['*']]],
    ['/phone/defaultCountry', ['nl', 'UK', 'NLD', '*', ''], ['NL', null]],
    ['/phone/smsPerDevicePerDay', [-1, 101, 1.5, '15', null], [0, 100]],
    [
      '/phone/timeZone',
      ['Mars/Base', '+2', 'VST', 'IST', 'utc+1', ''],
      ['Europe/Amsterdam', 'America/Argentina/Ushuaia', 'UTC'],
    ],
    ['/sms/brand', ['', 'x'.repeat(31), 'emoji 🧀', 'a\nb', '{brace}'], ['x'.repeat(30), 'Brand & Co']],
    [
      '/sms/host',
      ['https://panel.example', 'Panel.Example', 'panel example', 'panel.example:80', 'x'.repeat(81)],
      ['panel.example', null],
    ],
    ['/webauthn/rpId', ['https://panel.example', '', '127.0.0.1'], ['panel.example']],
    ['/webauthn/origins', [[], ['panel.example'], ['ftp://panel.example']], [['https://panel.example']]],
    [
      '/webauthn/applications',
      [
        { emergency: [] },
        { emergency: ['panel.example'] },
        { '': ['https://panel.example'] },
        Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`app-${n}`, ['https://panel.example']])),
      ],
      [{ emergency: ['https://emergency.panel.example'] }, {}],
    ],
    ['/webauthn/userVerification', ['discouraged'], ['required', 'preferred']],
    ['/proofRequired/removeDevice', ['no'], [false]],
    ['/email/perDevicePerDay', [0, 101], [1, 100]],
    ['/sending/perDevicePerHour', [0, 101], [1, 100]],
    ['/sending/perUserPerHour', [0, 501], [1, 500]],
    ['/sending/perAccountPerHour', [0, 10_001], [1, 10_000]],
    ['/sending/perTenantPerHour', [0, 1_000_001], [1, 1_000_000]],
    ['/sending/perPrefixPerHour', [0, 10_001], [1, 10_000]],
    ['/sending/minApprovedPercent', [-1, 91], [0, 90]],
    ['/sending/spendPerDay', [-1, 1_000_001, '5'], [0, 12.5, null]],
    ['/supportContact', ['', 'x'.repeat(201), 'a\r\nb'], ['x'.repeat(200), null]],
    ['/notices/lockout', ['off'], [false]],
    ['/recoveryCodes/count', [-1, 21], [0, 20]],
    ['/code/ttlSeconds', [0, 601], [1, 600]],
    ['/code/resendAfterSeconds', [-1, 601], [0, 600]],
    ['/code/maxSends', [0, 11], [1, 10]],
    ['/challenge/ttlSeconds', [0, 901], [1, 900]],
    ['/challenge/maxChecks', [0, 11], [1, 10]],
    ['/totp/window', [-1, 2], [0, 1]],
    ['/totp/issuer', ['', 'x'.repeat(65)], ['Panel']],
    ['/lockout/free', [0, 21], [1, 20]],
    ['/lockout/baseSeconds', [0, 3601], [1, 3600]],
    ['/lockout/maxSeconds', [86_401], [86_400]],
    ['/lockout/disableAt', [0, 101], [100, 20]],
    ['/trustedBrowser/days', [0, 91], [1, 90]],
  ];

  const override = (pointer: string, value: unknown): Values => {
    const [, section = '', key] = pointer.split('/');
    return { [section]: key === undefined ? value : { [key]: value } };
  };

  test.each(past)('%s', async (pointer, bad, good) => {
    const path = await account();
    const before = await readRows(panel);
    for (const target of ['/v1/policy', path]) {
      for (const value of bad) {
        const answer = await call('PUT', target, override(pointer, value));
        expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
        // A fault in a list stands at its place in it.
        expect(answer.body.errors[0].pointer.startsWith(pointer)).toBe(true);
      }
    }
    expect(await readRows(panel)).toEqual(before);
    for (const value of good) {
      expect(await call('PUT', path, override(pointer, value))).toMatchObject({
        status: 200,
        body: { override: override(pointer, value) },
      });
    }
  });

  test('whichever value of the contract it is', () => {
    const tested = past.map(([pointer]) => pointer.slice(1).replace('/', '.'));
    const free = [
      'phone.reuseVerifiedOnAccount',
      'webauthn.rpName',
      'proofRequired.disable',
      'recoveryCodes.acknowledgementRequired',
      'trustedBrowser.allowed',
    ];
    const known = namesOf({
      ...defaults,
      sms: { brand: 1, host: 1 },
      webauthn: { rpId: 1, rpName: 1, origins: 1, applications: 1, userVerification: 1 },
      totp: { window: 1, issuer: 1 },
      notices: { lockout: 1 },
    });
    expect([...tested, ...free].toSorted()).toEqual(known.toSorted());
  });

  test('unknown keys are refused, at any depth', async () => {
    for (const [body, pointer] of [
      [{ twoFactors: {} }, '/twoFactors'],
      [{ totp: { windows: 1 } }, '/totp/windows'],
      [{ notices: { deviceSold: true } }, '/notices/deviceSold'],
    ] as const) {
      expect(await call('PUT', '/v1/policy', body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    }
  });
});

describe('values that contradict each other are refused', () => {
  test.each<[Values, string]>([
    [{ lockout: { free: 10, disableAt: 9 } }, '/lockout/free'],
    [{ lockout: { disableAt: 4 } }, '/lockout/free'],
    [{ lockout: { baseSeconds: 60, maxSeconds: 59 } }, '/lockout/baseSeconds'],
    [{ methods: { allowed: ['sms'], notAlone: ['sms'] } }, '/methods/notAlone'],
  ])('%j', async (body, pointer) => {
    const path = await account();
    for (const target of ['/v1/policy', path]) {
      const answer = await call('PUT', target, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } });
    }
  });

  test('also where they meet from two levels', async () => {
    const path = await account();
    await call('PUT', '/v1/policy', { methods: { notAlone: ['sms'] } });
    const answer = await call('PUT', path, { methods: { allowed: ['sms'] } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/methods/notAlone' }] } });
  });
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

  test('that is not known is refused, with those that are', async () => {
    const { status, body } = await call('PUT', '/v1/policy', { preset: 'casino' });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.errors).toEqual([{ pointer: '/preset', detail: expect.stringContaining('"user-card"') }]);
  });
});
