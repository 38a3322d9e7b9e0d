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
  api = ApiDescription.read();
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
  'GET /v1/users': 'accounts',
  'GET /v1/users/counts': 'accounts',
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
  'GET /v1/deliveries/summary': 'challenges',
  'GET /v1/audit/events': 'audit',
  'GET /v1/audit/stream': 'audit',
  'GET /v1/audit/export': 'audit',
  'GET /v1/audit/checkpoints': 'audit',
  'GET /v1/compliance/report': 'audit',
  'GET /v1/audit/proofs': 'audit',
  'GET /v1/audit/proofs/consistency': 'audit',
  'GET /v1/accounts/{accountId}/users/{userId}/audit/proofs': 'audit:personal',
  'GET /v1/event-schemas/{type}': null,
  'GET /.well-known/audit-keys/{tenantId}': null,
  'POST /v1/webhooks': 'admin',
  'GET /v1/webhooks': 'audit',
  'GET /v1/webhooks/{webhookId}': 'audit',
  'PATCH /v1/webhooks/{webhookId}': 'admin',
  'DELETE /v1/webhooks/{webhookId}': 'admin',
  'POST /v1/webhooks/{webhookId}/secret': 'admin',
  'POST /v1/webhooks/{webhookId}/test': 'admin',
  'GET /v1/webhooks/{webhookId}/deliveries': 'audit',
  'POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver': 'admin',
  'POST /v1/webhooks/{webhookId}/redeliver': 'admin',
  'POST /v1/api-keys': 'admin',
  'GET /v1/api-keys': 'admin',
  'DELETE /v1/api-keys/{apiKeyId}': 'admin',
  'GET /v1/tenant': 'any',
  'POST /v1/providers/{provider}/receipts': null,
  'GET /v1/providers/{provider}/receipts': null,
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
    const path = template.replaceAll(/\{\w+\}/g, 'unknown') + (key === 'GET /v1/audit/stream' ? '?cursor=unknown' : '');
    if (scope === null) {
      const { status } = await call(method, path, undefined, { authorization: '' });
      expect(path === template ? [200] : [400, 404]).toContain(status);
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
      else
        expect({ key, schemas: Object.keys(done?.content ?? {}).length }).toEqual({
          key,
          schemas: key === 'GET /v1/audit/export' ? 3 : 1,
        });
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
      if (method !== 'GET' && scope !== null) expected.push('idempotency_in_progress', 'idempotency_key_reused');
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
    const asked = ['PolicyOverride', 'PolicyPatch', 'Transaction'];
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
