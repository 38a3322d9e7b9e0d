import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiOperation } from '../../support/api-description.js';
import { readRows } from '../../support/table-rows.js';
import { api, call, expectInvalid, ids, panel, pathOf, send, user } from '../../support/bad-input.js';

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

  test('for the time of a report that is none', async () => {
    const reportOf = (asOf: string) =>
      call('GET', `/v1/compliance/report?profile=nist&asOf=${encodeURIComponent(asOf)}`);
    for (const asOf of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59', 'today', '']) {
      expectInvalid(await reportOf(asOf), '/query/asOf');
    }
    for (const asOf of ['2026-01-01T00:00:00.123456+23:59', '2025-12-31T00:01:00.123456Z']) {
      expect((await reportOf(asOf)).body.report.asOf).toBe('2025-12-31T00:01:00.123456Z');
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
