import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scopes, type Scope } from '#persistence';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';

let panel: TestPanel;
let api: ApiDescription;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  api = await ApiDescription.read(panel.url);
  call = api.checked(panel.call);
});
afterAll(() => panel.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** The contract: who may do what. Anything that is missing here is asked for by the test below. */
const needed: Record<string, Scope | 'any' | null> = {
  'PUT /v1/accounts/{accountId}': 'accounts',
  'GET /v1/accounts/{accountId}': 'accounts',
  'GET /v1/accounts': 'accounts',
  'PUT /v1/accounts/{accountId}/users/{userId}': 'accounts',
  'PATCH /v1/accounts/{accountId}/users/{userId}': 'accounts',
  'GET /v1/accounts/{accountId}/users/{userId}': 'accounts',
  'DELETE /v1/accounts/{accountId}/users/{userId}': 'admin',
  'GET /v1/accounts/{accountId}/users': 'accounts',
  'GET /v1/policy': 'accounts',
  'PUT /v1/policy': 'admin',
  'PATCH /v1/policy': 'admin',
  'GET /v1/accounts/{accountId}/policy': 'accounts',
  'PUT /v1/accounts/{accountId}/policy': 'admin',
  'PATCH /v1/accounts/{accountId}/policy': 'admin',
  'DELETE /v1/accounts/{accountId}/policy': 'admin',
  'POST /v1/accounts/{accountId}/users/{userId}/devices': 'devices',
  'POST /v1/accounts/{accountId}/users/{userId}/devices/import': 'admin',
  'GET /v1/accounts/{accountId}/users/{userId}/devices': 'devices',
  'GET /v1/devices/{deviceId}': 'devices',
  'PATCH /v1/devices/{deviceId}': 'devices',
  'DELETE /v1/devices/{deviceId}': 'devices',
  'PUT /v1/accounts/{accountId}/users/{userId}/two-factor': 'devices',
  'POST /v1/accounts/{accountId}/users/{userId}/two-factor/reset': 'admin',
  'GET /v1/accounts/{accountId}/users/{userId}/trusted-browsers': 'devices',
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers/{trustedBrowserId}': 'devices',
  'DELETE /v1/accounts/{accountId}/users/{userId}/trusted-browsers': 'devices',
  'DELETE /v1/devices/{deviceId}/quota': 'admin',
  'GET /v1/send-blocks': 'admin',
  'DELETE /v1/send-blocks/{blockId}': 'admin',
  'PUT /v1/devices/{deviceId}/phone': 'devices',
  'POST /v1/devices/{deviceId}/codes': 'devices',
  'POST /v1/devices/{deviceId}/verify': 'devices',
  'GET /v1/accounts/{accountId}/users/{userId}/recovery-codes': 'devices',
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes': 'devices',
  'POST /v1/accounts/{accountId}/users/{userId}/recovery-codes/acknowledge': 'devices',
  'POST /v1/challenges': 'challenges',
  'GET /v1/challenges/{challengeId}': 'challenges',
  'POST /v1/challenges/{challengeId}/cancel': 'challenges',
  'POST /v1/challenges/{challengeId}/codes': 'challenges',
  'POST /v1/challenges/{challengeId}/verify': 'challenges',
  'GET /v1/accounts/{accountId}/users/{userId}/lockouts': 'accounts',
  'DELETE /v1/accounts/{accountId}/users/{userId}/lockouts': 'admin',
  'GET /v1/deliveries/{deliveryId}': 'challenges',
  'GET /v1/deliveries': 'challenges',
  'GET /v1/audit/events': 'audit',
  'POST /v1/api-keys': 'admin',
  'GET /v1/api-keys': 'admin',
  'DELETE /v1/api-keys/{apiKeyId}': 'admin',
  'GET /v1/tenant': 'any',
  'GET /healthz': null,
  'GET /readyz': null,
  'GET /.well-known/jwks.json': null,
};

describe('scopes', () => {
  test('are those of the contract, in the description too', () => {
    expect(Object.fromEntries(api.operations.map(({ key, scope }) => [key, scope]))).toEqual(needed);
  });

  test.each(Object.entries(needed))('%s: %s', async (key, scope) => {
    const [method = '', template = ''] = key.split(' ');
    // Little of this exists: whoever may come in mostly hears 404, or is told what the body lacks.
    const path = template.replaceAll(/\{\w+\}/g, 'unknown');
    if (scope === null) {
      expect((await call(method, path, undefined, { authorization: '' })).status).toBe(200);
      return;
    }
    const before = await readRows(panel);
    expect(await call(method, path, undefined, { authorization: '' })).toMatchObject({ status: 401 });
    if (scope === 'any') {
      for (const each of scopes)
        expect((await call(method, path, undefined, bearer(await panel.key([each])))).status).toBe(200);
      return;
    }
    const others = await panel.key(scopes.filter((each) => each !== scope));
    const refused = await call(method, path, undefined, bearer(others));
    expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    expect(refused.body.detail).toContain(`"${scope}"`);
    const { api_key: _, event: __, ...unchanged } = before;
    expect(await readRows(panel)).toMatchObject(unchanged);
    const admitted = await call(method, path, undefined, bearer(await panel.key([scope])));
    expect([200, 204, 400, 404]).toContain(admitted.status);
  });
});

describe('an API key', () => {
  test('is shown once, and works with its scopes', async () => {
    const made = await call('POST', '/v1/api-keys', {
      name: 'Panel',
      scopes: ['accounts', 'accounts'],
      application: 'panel',
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^key_/),
        key: expect.stringMatching(/^sp_[\w-]{43}$/),
        name: 'Panel',
        scopes: ['accounts'],
        application: 'panel',
      },
    });
    const { id, key } = made.body;
    expect((await call('GET', '/v1/policy', undefined, bearer(key))).status).toBe(200);
    expect((await call('GET', '/v1/api-keys', undefined, bearer(key))).status).toBe(403);
    const listed = await call('GET', '/v1/api-keys?limit=200');
    expect(listed.body.data.find((each: { id: string }) => each.id === id)).toEqual({
      id,
      name: 'Panel',
      scopes: ['accounts'],
      application: 'panel',
      description: null,
      createdAt: expect.any(String),
      expiresAt: null,
      lastUsedAt: expect.stringMatching(/^\d{4}-/),
      revokedAt: null,
    });
    expect(JSON.stringify(listed.body)).not.toContain(key);
  });

  test('makes none that may do more than itself', async () => {
    const narrow = bearer(await panel.key(['admin', 'devices']));
    const make = (granted: readonly Scope[]) => call('POST', '/v1/api-keys', { name: 'Name', scopes: granted }, narrow);
    for (const granted of [['challenges'], ['devices', 'audit'], scopes] as const) {
      const refused = await make(granted);
      expect(refused).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
      expect(refused.body.detail).toContain(`"${granted.find((scope) => scope !== 'devices')}"`);
    }
    for (const granted of [['admin'], ['devices'], ['devices', 'admin']] as const) {
      expect((await make(granted)).status).toBe(201);
    }
  });

  test('says whose it is', async () => {
    const { name } =
      (await panel.sql<{ name: string }>('select name from tenant where id = $1', [panel.tenantId]))[0] ?? {};
    const body = { name: 'Panel', scopes: ['devices', 'audit'], application: 'panel' };
    const { id, key } = (await call('POST', '/v1/api-keys', body)).body;
    expect(await call('GET', '/v1/tenant', undefined, bearer(key))).toMatchObject({
      status: 200,
      body: {
        id: panel.tenantId,
        name,
        apiKey: { id, name: 'Panel', scopes: ['devices', 'audit'], application: 'panel' },
      },
    });
    const free = await call('GET', '/v1/tenant', undefined, bearer(await panel.key([])));
    expect(free).toMatchObject({ status: 200, body: { apiKey: { scopes: [], application: null } } });
  });

  test('has a description and an end, and is refused from then on', async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const body = { name: 'Script', scopes: ['accounts'], description: 'Nightly export', expiresAt: end };
    const made = await call('POST', '/v1/api-keys', body);
    expect(made).toMatchObject({ status: 201, body: { description: 'Nightly export', expiresAt: end } });
    const { id, key } = made.body;
    const show = async () =>
      (await call('GET', '/v1/api-keys?limit=200')).body.data.find((each: { id: string }) => each.id === id);
    expect(await show()).toMatchObject({ description: 'Nightly export', expiresAt: end, lastUsedAt: null });
    expect((await call('GET', '/v1/policy', undefined, bearer(key))).status).toBe(200);
    expect(await show()).toMatchObject({ lastUsedAt: expect.stringMatching(/^\d{4}-.*Z$/) });

    const short = (await call('POST', '/v1/api-keys', body)).body;
    await panel.sql(`update api_key set expires_at = now() - interval '1 second' where id = $1`, [short.id]);
    expect(await call('GET', '/v1/policy', undefined, bearer(short.key))).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  test('whose use cannot be written down for want of room reads on', async () => {
    const fresh = await panel.tenant();
    await panel.sql(`create function no_room() returns trigger language plpgsql as
      $$ begin raise 'could not extend file' using errcode = '53100'; end $$`);
    await panel.sql('create trigger no_room before update on api_key for each row execute function no_room()');
    try {
      const { status, body } = await fresh.call('GET', '/v1/accounts');
      expect([status, body]).toMatchObject([200, { data: [] }]);
      expect((await fresh.call('POST', '/v1/nothing')).status).toBe(404);
    } finally {
      await panel.sql('drop function no_room cascade');
    }
  });

  test('that ends is not believed beyond that, however lately it was known', async () => {
    const { id, key } = (await call('POST', '/v1/api-keys', { name: 'Short', scopes: ['accounts'] })).body;
    await panel.sql(`update api_key set expires_at = now() + interval '1 second' where id = $1`, [id]);
    const statuses: number[] = [];
    do statuses.push((await call('GET', '/v1/policy', undefined, bearer(key))).status);
    while (
      (await panel.sql('select from api_key where id = $1 and expires_at > now()', [id])).length > 0 &&
      statuses.at(-1) === 200
    );
    expect(statuses[0]).toBe(200);
    expect((await call('GET', '/v1/policy', undefined, bearer(key))).status).toBe(401);
  });

  test('that ends makes none that lasts longer', async () => {
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const { key } = (await call('POST', '/v1/api-keys', { name: 'A', scopes: ['admin'], expiresAt: end })).body;
    const make = (expiresAt?: string | null) =>
      call('POST', '/v1/api-keys', { name: 'B', scopes: ['admin'], expiresAt }, bearer(key));
    for (const asked of [undefined, null, end]) {
      expect(await make(asked)).toMatchObject({ status: 201, body: { expiresAt: end } });
    }
    const earlier = new Date(Date.parse(end) - 1000).toISOString();
    expect(await make(earlier)).toMatchObject({ status: 201, body: { expiresAt: earlier } });
    for (const asked of [new Date(Date.parse(end) + 1).toISOString(), new Date(Date.now() - 1000).toISOString()]) {
      expect(await make(asked)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/expiresAt' }] } });
    }
    const past = { name: 'C', scopes: ['audit'], expiresAt: '2020-01-01T00:00:00Z' };
    expect(await call('POST', '/v1/api-keys', past)).toMatchObject({ status: 400 });
  });

  test('is nowhere in the database', async () => {
    const { key } = (await call('POST', '/v1/api-keys', { name: 'Hidden', scopes: ['audit'] })).body;
    const rows = await panel.sql<{ row: string; hash: Buffer }>('select k::text as row, hash from api_key k');
    for (const { row, hash } of rows) {
      expect(row).not.toContain(key.slice(3));
      expect(hash.toString('base64url')).not.toContain(key.slice(3));
    }
  });

  test('is refused at once when it is revoked, known to the process or not', async () => {
    const { id, key } = (await call('POST', '/v1/api-keys', { name: 'Short', scopes: ['accounts'] })).body;
    for (let time = 0; time < 3; time += 1) {
      expect((await call('GET', '/v1/policy', undefined, bearer(key))).status).toBe(200);
    }
    expect((await call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
    expect(await call('GET', '/v1/policy', undefined, bearer(key))).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
    expect((await call('DELETE', `/v1/api-keys/${id}`)).status).toBe(404);
    const listed = await call('GET', '/v1/api-keys?limit=200');
    expect(listed.body.data.find((each: { id: string }) => each.id === id).revokedAt).toEqual(expect.any(String));
  });

  test('is taken as Bearer, in any case of letters, and in no other way', async () => {
    const { apiKey } = panel;
    for (const authorization of [`Bearer ${apiKey}`, `bearer ${apiKey}`, `BEARER ${apiKey}`]) {
      expect((await call('GET', '/v1/policy', undefined, { authorization })).status).toBe(200);
    }
    for (const authorization of [
      apiKey,
      `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`,
      `Bearer  ${apiKey}`,
      `Bearer ${apiKey}x`,
      `Bearer ${apiKey.slice(0, -1)}`,
      `Bearer ${apiKey.toUpperCase()}`,
      `Bearer ${apiKey}, Bearer ${apiKey}`,
      'Bearer',
      'Bearer sp_',
    ]) {
      expect((await call('GET', '/v1/policy', undefined, { authorization })).status).toBe(401);
    }
    expect((await call('GET', `/v1/policy?apiKey=${apiKey}`, undefined, { authorization: '' })).status).toBe(401);
  });

  test('that may not exist tells nothing of what does', async () => {
    const user = await panel.totpUser();
    const unknown = bearer(`sp_${'a'.repeat(43)}`);
    for (const path of [user.path, `${user.path}-unknown`, '/v1/devices/dev_unknown', `/v1/devices/${user.deviceId}`]) {
      const { status, body } = await call('GET', path, undefined, unknown);
      expect({ status, detail: body.detail }).toEqual({
        status: 401,
        detail: 'Send a valid API key as "Authorization: Bearer sp_…".',
      });
    }
  });
});

describe('another method', () => {
  test.each([
    ['POST', '/v1/accounts', 'GET, HEAD'],
    ['DELETE', '/v1/challenges', 'POST'],
    ['OPTIONS', '/v1/challenges', 'POST'],
    ['PUT', '/v1/devices/dev_unknown?limit=1', 'DELETE, GET, HEAD, PATCH'],
    ['PATCH', '/v1/accounts/a%2Fb/users/c/two-factor', 'PUT'],
    ['GET', '/v1/accounts/a/users/b/devices/import', 'POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('%s %s: 405 with what there is', async (method, path, allow) => {
    const { status, headers, body } = await call(method, path, method === 'GET' ? undefined : {});
    expect({ status, allow: headers.get('allow'), code: body.code }).toEqual({
      status: 405,
      allow,
      code: 'http_method_not_allowed',
    });
  });

  test.each(['/v1/nothing', '/v1/accounts/', '/v2/accounts'])('at %s: 404, there is none', async (path) => {
    const { status, headers } = await call('DELETE', path);
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 404, allow: null });
  });
});

describe('the description of the API', () => {
  test('gives every operation an answer and its refusals', () => {
    expect(api.operations.length).toBeGreaterThan(30);
    for (const { key, method, scope, responses } of api.operations) {
      const [status = '', done] = Object.entries(responses).find(([each]) => Number(each) < 300) ?? [];
      if (status === '204') expect(done).not.toHaveProperty('content');
      else expect({ key, schemas: Object.keys(done?.content ?? {}).length }).toEqual({ key, schemas: 1 });
      const codes = Object.entries(responses).flatMap(([each, { description, content }]) => {
        if (Number(each) < 400) return [];
        // Not ready is an answer of its own and no refusal.
        if (key === 'GET /readyz' && each === '503') {
          expect(Object.keys(content ?? {})).toEqual(['application/json']);
          return ['unavailable'];
        }
        expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
        return [...description.matchAll(/`(\w+)`/g)].map((match) => match[1]);
      });
      const expected = ['invalid_request', 'unavailable'];
      if (scope !== null) expected.push('unauthenticated', 'insufficient_scope', 'not_found');
      if (method !== 'GET') expected.push('idempotency_in_progress', 'idempotency_key_reused');
      expect(codes).toEqual(expect.arrayContaining(expected));
      expect(new Set(codes).size).toBe(codes.length);
    }
  });

  test('tells the decisions apart, closes what is asked and leaves open what is answered', async () => {
    const { body } = await panel.call('GET', '/openapi.json');
    const { Decision, ...schemas } = body.components.schemas;
    const cases = ['challenge', 'allow', 'enroll', 'deny'];
    const nameOf = (decision: string) => `${decision[0]?.toUpperCase()}${decision.slice(1)}Decision`;
    expect(Decision).toMatchObject({
      oneOf: cases.map((decision) => ({ $ref: `#/components/schemas/${nameOf(decision)}` })),
      discriminator: {
        propertyName: 'decision',
        mapping: Object.fromEntries(cases.map((each) => [each, `#/components/schemas/${nameOf(each)}`])),
      },
    });
    for (const decision of cases)
      expect(schemas[nameOf(decision)].properties.decision).toMatchObject({ enum: [decision] });
    const asked = ['PolicyOverride', 'PolicyPatch'];
    for (const [name, schema] of Object.entries<{ type?: string; additionalProperties?: unknown }>(schemas)) {
      if (schema.type === 'object')
        expect([name, schema.additionalProperties]).toEqual([name, asked.includes(name) ? false : undefined]);
    }
    for (const { key, body: request } of api.operations) {
      if (request) expect(JSON.stringify({ key, request })).toContain('"additionalProperties":false');
    }
  });

  test('bounds its numbers, and says which headers come with what', async () => {
    const { body } = await panel.call('GET', '/openapi.json');
    const text = JSON.stringify(body);
    expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
    for (const [, integer = ''] of text.matchAll(/(\{[^{}]*"type":"integer"[^{}]*\})/g)) {
      expect(JSON.parse(integer)).toEqual(expect.objectContaining({ minimum: expect.any(Number) }));
      expect(integer).toMatch(/"maximum":|"format":"int(32|64)"/);
    }
    const { security, responses, parameters } = body.paths['/v1/challenges'].post;
    expect(security).toEqual([{ bearer: [] }]);
    expect(Object.keys(responses['201'].headers)).toEqual(['x-request-id', 'Idempotent-Replayed']);
    expect(Object.keys(responses['429'].headers)).toEqual(['x-request-id', 'Retry-After']);
    expect(parameters.map(({ name }: { name: string }) => name)).toEqual(['Idempotency-Key', 'Sallyport-Actor']);
    for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json'])
      expect(body.paths[path].get.security).toEqual([]);
    expect(body).toMatchObject({ servers: [{ url: '/' }], info: { license: { name: 'Apache-2.0' } } });
  });

  test('is OpenAPI 3.1 and has a name for every operation', async () => {
    const { body } = await panel.call('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const operations = Object.values(body.paths).flatMap((path) =>
      Object.values(path as Record<string, { operationId: string; summary: string }>),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { summary } of operations) expect(summary).toMatch(/^["\w].+/);
  });
});
