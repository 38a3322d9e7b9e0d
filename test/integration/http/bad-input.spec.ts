import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ApiDescription, type ApiOperation, type JsonSchema } from '../../support/api-description.js';
import { startPanel, type Call, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let api: ApiDescription;
let call: Call;
let user: EnrolledTotp;
/** Ids that exist, by the names of the parameters that take them. */
let ids: Record<string, string>;

beforeAll(async () => {
  panel = await startPanel();
  api = await ApiDescription.read(panel.url);
  call = api.checked(panel.call);
  user = await panel.totpUser();
  const { accountId, userId } = user;
  const proof = await panel.proof(user, 'add_device');
  const phone = { method: 'sms', name: 'Phone', phone: '+31612345678' };
  const unproven = await call('POST', `${user.path}/devices`, phone, { 'sallyport-proof': proof });
  const spare = await call('POST', '/v1/api-keys', { name: 'spare', scopes: ['audit'] });
  ids = {
    accountId,
    userId,
    deviceId: unproven.body.id,
    challengeId: await panel.challenge(user),
    deliveryId: unproven.body.send.deliveryId,
    apiKeyId: spare.body.id,
  };
});
afterAll(() => panel.stop());

/** A body that each call takes. */
const goodBodies = (): Record<string, Record<string, unknown>> => ({
  'PUT /v1/accounts/{accountId}': { name: 'Name', locale: 'nl' },
  'PUT /v1/accounts/{accountId}/users/{userId}': {
    displayName: 'Name',
    email: 'name@panel.example',
    phone: '+31612345678',
    locale: 'nl',
    kind: 'person',
  },
  'PATCH /v1/accounts/{accountId}/users/{userId}': { displayName: 'Name', email: 'name@panel.example', locale: 'nl' },
  'PATCH /v1/policy': { supportContact: 'desk', totp: { window: 1 } },
  'PATCH /v1/accounts/{accountId}/policy': { supportContact: 'desk', totp: { window: 1 } },
  'PUT /v1/policy': { supportContact: 'desk', totp: { window: 1 } },
  'PUT /v1/accounts/{accountId}/policy': { supportContact: 'desk', totp: { window: 1 } },
  'POST /v1/accounts/{accountId}/users/{userId}/devices': { method: 'sms', name: 'Phone', phone: '+31612345678' },
  'PUT /v1/accounts/{accountId}/users/{userId}/two-factor': { enabled: false, actor: 'Name' },
  'POST /v1/accounts/{accountId}/users/{userId}/two-factor/reset': { reason: 'Lost', actor: 'Name' },
  'POST /v1/accounts/{accountId}/users/{userId}/devices/import': {
    name: 'App',
    secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    algorithm: 'sha256',
    digits: 8,
    period: 60,
  },
  'PATCH /v1/devices/{deviceId}': { name: 'Name', isDefault: true },
  'PUT /v1/devices/{deviceId}/phone': { phone: '+31687654321' },
  'POST /v1/devices/{deviceId}/verify': { code: '123456', challengeId: ids['challengeId'] },
  'POST /v1/challenges': {
    accountId: user.accountId,
    userId: user.userId,
    purpose: 'login',
    application: 'panel',
    deviceId: user.deviceId,
    context: { ip: '192.0.2.1', userAgent: 'Browser' },
    detail: 'Detail',
    trustedBrowser: 'stb_unknown',
  },
  'POST /v1/challenges/{challengeId}/codes': { deviceId: user.deviceId },
  'POST /v1/challenges/{challengeId}/verify': { code: '123456', deviceId: user.deviceId, rememberBrowser: true },
  'POST /v1/api-keys': {
    name: 'Name',
    scopes: ['audit'],
    application: 'panel',
    description: 'Script',
    expiresAt: null,
  },
});

const writes = () => api.operations.filter((operation) => operation.body !== null);
const pathOf = (operation: ApiOperation, values = ids) =>
  operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? 'unknown'));

/** Sends exactly these bytes. */
async function send(
  method: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  type: string | null = 'application/json',
): Promise<Answer> {
  const response = await fetch(`${panel.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${panel.apiKey}`, ...(type === null ? {} : { 'content-type': type }) },
    // A plain string gets a content type of its own.
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  });
  const answer: Answer = { status: response.status, headers: response.headers, body: await response.json() };
  expect(api.faults(method, path, answer)).toEqual([]);
  return answer;
}

/** @param pointer of the fault that has to be among those named */
function expectInvalid(answer: Answer, pointer?: string): void {
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: expect.any(Array) } });
  const { errors, detail } = answer.body;
  expect(errors.length).toBeGreaterThan(0);
  if (pointer !== undefined) expect(errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
  for (const words of [detail, ...errors.map((fault: { detail: string }) => fault.detail)]) {
    expect(words).toMatch(/\w{2,} \w{2,}/);
    expect(words).not.toMatch(/undefined|[Ii]nvalid input|NaN|\[object|[Uu]nexpected token|\bat \w+ \(/);
  }
}

/** Every call with a body, each with what makes it bad; nothing may be written by any. */
async function refuseEach(
  bad: (operation: ApiOperation, path: string, good: Record<string, unknown>) => Promise<void>,
) {
  const before = await readRows(panel);
  const good = goodBodies();
  for (const operation of writes()) {
    const body = good[operation.key];
    if (!body) throw new Error(`Give ${operation.key} a good body.`);
    await bad(operation, pathOf(operation), body);
  }
  expect(await readRows(panel)).toEqual(before);
}

describe('a body is refused', () => {
  test('for a field that is not known', () =>
    refuseEach(async ({ method }, path, good) => {
      for (const name of ['unknown', 'tenantId', 'a/b~c', 'toString', '', 'é']) {
        const pointer = `/${name.replace('~', '~0').replace('/', '~1')}`;
        expectInvalid(await call(method, path, { ...good, [name]: 1 }), pointer);
      }
      for (const name of ['__proto__', 'constructor']) {
        const text = JSON.stringify(good).replace(/^\{/, `{"${name}":{"isAdmin":true},`);
        expectInvalid(await send(method, path, text), `/${name}`);
      }
    }));

  test('for a field of another type', () =>
    refuseEach(async ({ method, body }, path, good) => {
      for (const [name, schema] of Object.entries(body?.properties ?? {})) {
        for (const wrong of wrongValues(schema)) {
          expectInvalid(await call(method, path, { ...good, [name]: wrong }), `/${name}`);
        }
      }
    }));

  test('for a field that is missing', () =>
    refuseEach(async ({ method, body }, path, good) => {
      for (const name of body?.required ?? []) {
        const { [name]: _, ...rest } = good;
        const answer = await call(method, path, rest);
        expectInvalid(answer, `/${name}`);
        expect(answer.body.detail).toBe(`/${name}: is missing.`);
      }
    }));

  test('where it is not one JSON object', () =>
    refuseEach(async ({ method }, path) => {
      for (const text of [
        '{',
        '{"a":1,}',
        "{'a':1}",
        '[]',
        '[{}]',
        'null',
        'true',
        '1',
        '"text"',
        'x',
        '\u{feff}',
        '{}{}',
      ]) {
        expectInvalid(await send(method, path, text), '');
      }
    }));

  test('where it is too large, or nested too deeply', () =>
    refuseEach(async ({ method }, path, good) => {
      expectInvalid(await send(method, path, JSON.stringify({ ...good, name: 'x'.repeat(65_536) })), '');
      for (const text of [
        `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
        `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`,
      ]) {
        const answer = await send(method, path, text);
        expectInvalid(answer, '');
        expect(answer.body.detail).toMatch(/levels deep/);
      }
    }));

  test('where it is a megabyte', async () => {
    const answer = await send('PUT', '/v1/accounts/large', JSON.stringify({ name: 'x'.repeat(1_048_576) }));
    expectInvalid(answer, '');
    expect(answer.body.detail).toMatch(/64 KiB/);
  });

  test('for text that is no UTF-8, or that cannot be stored', () =>
    refuseEach(async ({ method, body }, path, good) => {
      expectInvalid(await send(method, path, Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)), '');
      // An overlong NUL.
      expectInvalid(await send(method, path, Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d)), '');
      for (const [name, schema] of Object.entries(body?.properties ?? {})) {
        // A cookie that is damaged is as good as none.
        if (!typesOf(schema).includes('string') || name === 'trustedBrowser') continue;
        for (const text of ['a\\u0000b', '\\ud800', 'a\\udc00\\ud800']) {
          const whole = JSON.stringify({ ...good, [name]: 'PLACE' }).replace('PLACE', text);
          expectInvalid(await send(method, path, whole), `/${name}`);
        }
      }
      expectInvalid(await send(method, path, '{"a\\u0000":1}'));
      expectInvalid(await send(method, path, '{"\\ud800":1}'));
    }));

  test('for another content type', () =>
    refuseEach(async ({ method }, path, good) => {
      const text = JSON.stringify(good);
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
        'json',
        null,
      ]) {
        expectInvalid(await send(method, path, text, type), '/headers/content-type');
      }
    }));

  test('for lines that would break out of a mail header or an SMS', () =>
    refuseEach(async ({ method }, path, good) => {
      for (const name of Object.keys(good).filter((field) =>
        ['name', 'displayName', 'detail', 'application', 'actor', 'reason'].includes(field),
      )) {
        for (const text of ['a\r\nBcc: x@y.example', 'a\nb', '\u001b[2J', '\u2028']) {
          expectInvalid(await call(method, path, { ...good, [name]: `a${text}b` }), `/${name}`);
        }
        expectInvalid(await call(method, path, { ...good, [name]: '   ' }), `/${name}`);
        expectInvalid(await call(method, path, { ...good, [name]: 'x'.repeat(1001) }), `/${name}`);
      }
    }));

  test('for a code that is none, before anything is charged', async () => {
    const path = `/v1/challenges/${ids['challengeId']}/verify`;
    const before = await readRows(panel);
    expectInvalid(await call('POST', path, {}), '/code');
    expectInvalid(await call('POST', path, { code: '' }), '/code');
    expectInvalid(await call('POST', path, { code: '1'.repeat(65) }), '/code');
    expectInvalid(await call('POST', path, { code: 123_456 }), '/code');
    expectInvalid(await call('POST', path, { code: '123456', recoveryCode: 'x' }), '/recoveryCode');
    expectInvalid(await call('POST', path, { recoveryCode: 'x', deviceId: user.deviceId }), '/deviceId');
    expect(await readRows(panel)).toEqual(before);
  });
});

const typesOf = (schema: JsonSchema): string[] => [
  ...[schema.type ?? []].flat(),
  ...(schema.enum ? ['string'] : []),
  ...(schema.anyOf ?? []).flatMap(typesOf),
];

/** Values of every JSON type that the schema does not take. */
function wrongValues(schema: JsonSchema): unknown[] {
  const types = typesOf(schema);
  const candidates: [string, unknown][] = [
    ['string', 'text'],
    ['number', 1],
    ['boolean', false],
    ['object', { a: 1 }],
    ['array', [['a']]],
    ['null', null],
  ];
  return candidates.filter(([type]) => !types.includes(type)).map(([, value]) => value);
}

describe('an address is refused', () => {
  test.each(['%zz', '%', '%ff', '%c0%80', '%ed%a0%80', '%E4%B8'])('where %s does not decode', async (text) => {
    const before = await readRows(panel);
    for (const path of [`/v1/accounts/${text}`, `${user.path}${text}`, `/v1/devices/${text}/verify`]) {
      const answer = await send('PUT', path, '{}');
      expectInvalid(answer, '/path');
      expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test('where an id holds NUL or other control characters, or is too long', async () => {
    for (const [id, pointer] of [
      ['%00', '/path/accountId'],
      ['a%00b', '/path/accountId'],
      ['%0a', '/path/accountId'],
      ['%c2%85', '/path/accountId'],
      ['x'.repeat(201), '/path/accountId'],
      ['x'.repeat(1001), '/path'],
      ['%E4%B8%AD'.repeat(1001), '/path'],
    ] as const) {
      expectInvalid(await call('PUT', `/v1/accounts/${id}`, {}), pointer);
      if (id.length < 1000) expectInvalid(await call('GET', `/v1/accounts/${id}/users/a`), pointer);
    }
    expectInvalid(await call('GET', `/v1/devices/${'x'.repeat(65)}`), '/path/deviceId');
  });

  test('where no call has this method', async () => {
    const before = await readRows(panel);
    for (const path of new Set(api.operations.map((operation) => operation.path))) {
      const known = api.operations.filter((operation) => operation.path === path).map((operation) => operation.method);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((each) => !known.includes(each))) {
        const target = pathOf({ path } as ApiOperation);
        // A longer address may be a call of its own, as …/users/{userId} is.
        if (api.find(method, target)) continue;
        const { status, headers, body } = await call(method, target);
        expect({ status, code: body.code }).toEqual({ status: 405, code: 'http_method_not_allowed' });
        expect(headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(known));
      }
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test('where an id is of another kind', async () => {
    const { deviceId = '', challengeId = '', deliveryId = '', apiKeyId = '' } = ids;
    const before = await readRows(panel);
    for (const id of [
      challengeId,
      deliveryId,
      apiKeyId,
      user.accountId,
      `${deviceId} `,
      deviceId.toUpperCase(),
      `${deviceId}'--`,
    ]) {
      expect(await call('GET', `/v1/devices/${encodeURIComponent(id)}`)).toMatchObject({ status: 404 });
      expect(await call('DELETE', `/v1/devices/${encodeURIComponent(id)}`)).toMatchObject({ status: 404 });
    }
    for (const id of [deviceId, deliveryId, 'chl_', `${challengeId}%`]) {
      const path = `/v1/challenges/${encodeURIComponent(id)}`;
      expect(await call('GET', path)).toMatchObject({ status: 404 });
      expect(await call('POST', `${path}/verify`, { code: '123456' })).toMatchObject({ status: 404 });
      expect(await call('POST', `${path}/cancel`)).toMatchObject({ status: 404 });
    }
    expect(await call('DELETE', `/v1/api-keys/${deviceId}`)).toMatchObject({ status: 404 });
    expect(await readRows(panel)).toEqual(before);
  });
});

describe('a query is refused', () => {
  const lists = ['/v1/accounts', '/v1/deliveries', '/v1/api-keys'];

  test('for a limit that is out of bounds or no number', async () => {
    for (const path of [...lists, `/v1/accounts/${user.accountId}/users`, '/v1/audit/events']) {
      for (const limit of ['0', '-1', '501', '1000000000000', '1e400', '1.5', 'many', '', '%00', '1&limit=2']) {
        expectInvalid(await call('GET', `${path}?limit=${limit}`), '/query/limit');
      }
      expect((await call('GET', `${path}?limit=200`)).status).toBe(200);
    }
  });

  test('for a cursor that is none of ours', async () => {
    const made = (text: string) => Buffer.from(text).toString('base64url');
    const cursors = [
      'AAAA',
      'garbage',
      '',
      '%25',
      '%00',
      made('\0'),
      made("' or 1=1 --"),
      made('dev_'),
      made('é'),
      'x'.repeat(301),
    ];
    for (const path of [...lists, `/v1/accounts/${user.accountId}/users`]) {
      for (const cursor of cursors) expectInvalid(await call('GET', `${path}?cursor=${cursor}`), '/query/cursor');
    }
    for (const after of ['garbage', '', 'evt_00000000000000000000000000', '%00', 'x'.repeat(65)]) {
      expectInvalid(await call('GET', `/v1/audit/events?after=${after}`), '/query/after');
    }
  });

  test('for a time that is none', async () => {
    for (const name of ['from', 'to']) {
      for (const time of [
        'yesterday',
        '2026-13-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        '2026-01-01',
        '0000-01-01T00:00:00Z',
        '1969-12-31T23:59:59Z',
        '9999-12-31T23:59:59-23:59',
        '10000-01-01T00:00:00Z',
        '',
      ]) {
        expectInvalid(await call('GET', `/v1/audit/events?${name}=${encodeURIComponent(time)}`), `/query/${name}`);
      }
      for (const time of ['1970-01-01T00:00:00Z', '2026-01-01T00:00:00.123456+23:59', '9999-12-31T23:59:59Z']) {
        expect((await call('GET', `/v1/audit/events?${name}=${encodeURIComponent(time)}`)).status).toBe(200);
      }
    }
  });

  test('for what a list cannot be asked', async () => {
    expectInvalid(await call('GET', '/v1/deliveries?status=lost'), '/query/status');
    expectInvalid(await call('GET', '/v1/audit/events?type=device.lost'), '/query/type');
    for (const path of [...lists, '/v1/audit/events']) {
      expectInvalid(await call('GET', `${path}?order=asc`), '/query/order');
      expectInvalid(await call('GET', `${path}?__proto__=1`), '/query/__proto__');
    }
  });
});

describe('a phone number', () => {
  test.each([
    '+31 6 12345678',
    '0031612345678',
    '+３１６１２３４５６７８',
    '＋３１ ６ １２３４ ５６７８',
    '+31 (0)6 12345678',
    '+31-6-12-34-56-78',
    ' +31.6.12345678 ',
    '00 31 6 1234 5678',
  ])('is the same one as %s', async (phone) => {
    const written = await call('PUT', user.path, { phone });
    expect(written).toMatchObject({ status: 200, body: { phone: '+31612345678' } });
  });

  test.each([
    '06 12345678',
    '+31 6 1234567',
    '+31 6 1234567890',
    '+999 12345678',
    '+0 612345678',
    'not a number',
    'call me at +31612345678',
    '+31612345678 ext. 5',
    '+31612345678;ext=5',
    '+31612345678, +31687654321',
    '+++',
    '112',
    '+31112',
    '٠٠',
    '+316١٢٣٤٥٦٧',
    '+31612345678\u200e9',
  ])('is not %s', async (phone) => {
    const before = await readRows(panel);
    for (const [method, path, body] of [
      ['PUT', user.path, { phone }],
      ['POST', `${(await firstUser()).path}/devices`, { method: 'sms', name: 'Phone', phone }],
    ] as const) {
      const answer = await call(method, path, body);
      if (phone.length < 3) expectInvalid(answer, '/phone');
      else expect(answer).toMatchObject({ status: 422, body: { code: 'phone_invalid' } });
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test.each(['', '1', '+'.repeat(41)])('has a sane length, unlike "%s"', async (phone) => {
    expectInvalid(await call('PUT', user.path, { phone }), '/phone');
  });

  let bare: Promise<{ path: string }> | undefined;
  /** A user without devices, who needs no proof; made before anything is compared. */
  const firstUser = () => (bare ??= panel.user());
  beforeAll(firstUser);
});

describe('an e-mail address', () => {
  test.each([
    'name',
    'a@b',
    '@panel.example',
    'a b@panel.example',
    'a@panel.example\nBcc: x@y.example',
    `${'x'.repeat(250)}@panel.example`,
    'a@panel.example,b@panel.example',
  ])('is not %j', async (email) => {
    expectInvalid(await call('PUT', user.path, { email }), '/email');
  });
});

describe('ids of the panel may be odd', () => {
  test.each([
    'a/b',
    'a%2Fb',
    '100%',
    '%',
    "O'Brien",
    `"; drop table account; --`,
    'back\\slash \\x00',
    '?', // MikroORM's placeholder
    '?? :name $1 ${x}',
    'käse 中文 🧀',
    'e\u0301',
    ' spaces ',
    '#fragment?query=1&x+y;z',
    '__proto__',
    'constructor',
    'null',
    '0',
    'x'.repeat(200),
    '中'.repeat(200),
    '\u202eright to left',
  ])('as %j', async (id) => {
    const email = `odd-${createHash('sha256').update(id).digest('hex').slice(0, 16)}@panel.example`;
    const path = `/v1/accounts/${encodeURIComponent(id)}`;
    const userPath = `${path}/users/${encodeURIComponent(id)}`;
    expect(await call('PUT', path, { name: id.trim().slice(0, 100) || 'x' })).toMatchObject({
      status: 200,
      body: { id },
    });
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { id } });
    expect(await call('GET', `${path}/policy`)).toMatchObject({ status: 200 });
    expect(await call('PUT', userPath, { email })).toMatchObject({
      status: 200,
      body: { id, accountId: id },
    });
    expect(await call('GET', `${path}/users`)).toMatchObject({ body: { data: [{ id, accountId: id }] } });
    const device = await call('POST', `${userPath}/devices`, { method: 'email', name: 'Mail' });
    expect(device).toMatchObject({ status: 201, body: { accountId: id, userId: id } });
    const code = await panel.sentCode(device.body.id);
    expect((await call('POST', `/v1/devices/${device.body.id}/verify`, { code })).status).toBe(200);
    const opened = await call('POST', '/v1/challenges', { accountId: id, userId: id });
    expect(opened).toMatchObject({ status: 201, body: { decision: 'challenge' } });
    const query = `accountId=${encodeURIComponent(id)}&userId=${encodeURIComponent(id)}`;
    expect((await call('GET', `/v1/deliveries?${query}`)).body.data).toHaveLength(2);
    const other = await call('GET', `/v1/accounts/${encodeURIComponent(`x${id.slice(1)}y`.slice(-200))}`);
    expect(other.status).toBe(404);
  });

  test('and all of them are listed', async () => {
    const answer = await call('GET', '/v1/accounts?limit=200');
    expect(answer.body.data.length).toBeGreaterThan(20);
    expect(answer.body.nextCursor).toBeNull();
  });
});

describe('an Idempotency-Key is refused', () => {
  test.each(['two words', 'x'.repeat(256), 'é', ' '.repeat(3) + '\tx y'])('as %j', async (key) => {
    const before = await readRows(panel);
    const answer = await call('PUT', '/v1/accounts/keyed', {}, { 'idempotency-key': key });
    expectInvalid(answer, '/headers/idempotency-key');
    expect(await readRows(panel)).toEqual(before);
  });
});

describe('T21: generated input', () => {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom<unknown>(
      '',
      ' ',
      '\0',
      '\ud800',
      -1,
      1e300,
      0,
      '2027-01-01T00:00:00Z',
      '0000-00-00',
      [],
      {},
      null,
      true,
    ),
  );

  /** What fits a schema, or nearly. */
  function near(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map(near));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.const !== undefined) return fc.constant(schema.const);
    const [type = 'string'] = [schema.type ?? []].flat();
    switch (type) {
      case 'object':
        return fc.record(
          Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, either(each)])),
          { requiredKeys: [] },
        );
      case 'array':
        return fc.array(either(schema.items ?? {}), { maxLength: 5 });
      case 'integer':
      case 'number':
        return fc.integer({ min: -1, max: 1000 });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      default:
        return fc.oneof(
          fc.constantFrom('+31612345678', 'name@panel.example', 'nl', 'UTC', '123456', 'NL', '*', 'localhost'),
          fc.string({ unit: 'grapheme', maxLength: 30 }),
          fc.constantFrom(...Object.values(ids)),
        );
    }
  }
  const either = (schema: JsonSchema) =>
    fc.oneof({ weight: 4, arbitrary: near(schema) }, { weight: 1, arbitrary: junk });

  test('never brings an operation to a 5xx, nor to an answer that is not described', async () => {
    const id = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    );
    for (const operation of api.operations) {
      const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
      const values = fc.record(
        Object.fromEntries(
          names.map((name) => [
            name,
            fc.oneof({ weight: 2, arbitrary: fc.constant(ids[name] ?? 'x') }, { weight: 1, arbitrary: id }),
          ]),
        ),
      );
      const query = fc.record(
        Object.fromEntries(
          operation.parameters.filter((each) => each.in === 'query').map((each) => [each.name, either(each.schema)]),
        ),
        { requiredKeys: [] },
      );
      const body = operation.body
        ? fc.oneof({ weight: 6, arbitrary: near(operation.body) }, { weight: 1, arbitrary: junk })
        : fc.constant(undefined);
      const property = fc.asyncProperty(values, query, body, async (params, asked, content) => {
        const wellFormed = Object.fromEntries(
          Object.entries(params).map(([name, text]) => [name, text.toWellFormed()]),
        );
        const search = new URLSearchParams();
        for (const [name, value] of Object.entries(asked))
          search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
        const path = `${pathOf(operation, wellFormed)}${search.size > 0 ? `?${search}` : ''}`;
        const answer = await panel.call(
          operation.method,
          path,
          content === undefined ? undefined : JSON.stringify(content),
        );
        if (answer.status >= 500) throw new Error(`${operation.key} answered ${answer.status}`);
        // `.` and `..` are ways in a tree of folders to every HTTP client: another call then.
        if (names.some((name) => /^\.{1,2}$/.test(wellFormed[name] ?? ''))) return;
        expect(api.faults(operation.method, path, answer)).toEqual([]);
      });
      // A fixed seed: a run that fails can be run again.
      await fc.assert(property, { numRuns: operation.body ? 60 : 20, seed: 20_261_122, endOnFailure: true });
    }
    // Thousands of calls.
  }, 240_000);
});
