import { describe, expect, test } from '@jest/globals';
import { readRows } from '../../support/table-rows.js';
import { type Values, account, call, defaults, namesOf, panel } from '../../support/policies.js';

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
      [{ audit: { retentionDays: 365 } }, '/audit'],
      [{ audit: { retentionDays: 29 } }, '/audit/retentionDays'],
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

/** Somebody who answers for something: with a name, a reason and an end. */
function exemptionBounds(kind: string): [string, readonly unknown[], readonly unknown[]] {
  const given = { owner: 'Head of security', reason: 'Move to passkeys', until: '2027-01-01T00:00:00Z' };
  const { owner, ...nobody } = given;
  const wrong = [
    { owner: '' },
    { owner: `${owner}\n` },
    { reason: '' },
    { until: 'soon' },
    { until: null },
    { by: owner },
  ];
  return [`/exemptions/${kind}`, [true, {}, nobody, ...wrong.map((part) => ({ ...given, ...part }))], [given, null]];
}

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
    ['/transaction/amountAndPayee', ['always', true, null], ['required', 'optional']],
    ['/exemptions/required', ['yes', null], [true, false]],
    ...['serviceUsers', 'gracePeriod', 'trustedBrowser', 'override'].map(exemptionBounds),
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

  test.each<[key: string, bad: readonly unknown[], good: readonly unknown[]]>([
    ['retentionDays', [29, 0, -1, 30.5, 36_501, '30'], [30, 36_500, null]],
    ['retentionAtLeastDays', [-1, 0.5, 36_501, null, '365'], [0, 36_500]],
  ])('audit/%s, which is the tenant’s alone', async (key, bad, good) => {
    const pointer = `/audit/${key}`;
    const path = await account();
    const before = await readRows(panel);
    for (const value of bad) {
      const answer = await call('PUT', '/v1/policy', { audit: { [key]: value } });
      expect({ value, ...answer }).toMatchObject({ value, status: 400, body: { errors: [{ pointer }] } });
    }
    for (const value of good) {
      const answer = await call('PUT', path, { audit: { [key]: value } });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/audit' }] } });
    }
    expect(await readRows(panel)).toEqual(before);
    for (const value of good) {
      expect(await call('PUT', '/v1/policy', { audit: { [key]: value } })).toMatchObject({
        status: 200,
        body: { effective: { audit: { [key]: value } }, sources: { [`audit.${key}`]: 'tenant' } },
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
      // Of the tenant, and of no account.
      'audit.retentionDays',
      'audit.retentionAtLeastDays',
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

  test('of the tenant: a log that is kept for less than it has to be, whichever was first', async () => {
    const refused = { status: 400, body: { code: 'invalid_request', errors: [{ pointer: '/audit/retentionDays' }] } };
    const both = (retentionDays: number | null, retentionAtLeastDays: number) => ({
      audit: { retentionDays, retentionAtLeastDays },
    });
    expect(await call('PUT', '/v1/policy', both(89, 90))).toMatchObject(refused);
    expect(await call('PUT', '/v1/policy', both(90, 90))).toMatchObject({ status: 200 });
    expect(await call('PATCH', '/v1/policy', { audit: { retentionAtLeastDays: 91 } })).toMatchObject(refused);
    expect(await call('PATCH', '/v1/policy', { audit: { retentionDays: 30 } })).toMatchObject(refused);
    expect((await call('GET', '/v1/policy')).body.override).toEqual(both(90, 90));
    expect(await call('PATCH', '/v1/policy', both(null, 91))).toMatchObject({ status: 200 });
  });

  test('also where they meet from two levels', async () => {
    const path = await account();
    await call('PUT', '/v1/policy', { methods: { notAlone: ['sms'] } });
    const answer = await call('PUT', path, { methods: { allowed: ['sms'] } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/methods/notAlone' }] } });
  });
});
