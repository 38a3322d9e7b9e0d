import { afterAll, beforeAll, expect } from '@jest/globals';
import { ApiDescription, type ApiOperation, type JsonSchema } from './api-description.js';
import { startPanel, type Call, type EnrolledTotp, type TestPanel } from './gateway-harness.js';
import type { Answer } from './system.js';
import { readRows } from './table-rows.js';

/** Bodies and addresses that are good but for what a test changes, for each file that imports this. */

export let panel: TestPanel;
export let api: ApiDescription;
export let call: Call;
export let user: EnrolledTotp;
/** Ids that exist, by the names of the parameters that take them. */
export let ids: Record<string, string>;

beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
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
  'POST /v1/webhooks': {
    url: 'https://receiver.example/',
    description: 'Name',
    types: ['user.*'],
    accountId: user.accountId,
  },
  'PATCH /v1/webhooks/{webhookId}': { description: 'Name' },
  'POST /v1/webhooks/{webhookId}/secret': { overlapHours: 1 },
  'POST /v1/webhooks/{webhookId}/redeliver': { from: '2026-01-01T00:00:00Z' },
  'POST /v1/api-keys': {
    name: 'Name',
    scopes: ['audit'],
    application: 'panel',
    description: 'Script',
    expiresAt: null,
  },
});

const writes = () => api.operations.filter((operation) => operation.body !== null);
export const pathOf = (operation: ApiOperation, values = ids) =>
  operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? 'unknown'));

/** Sends exactly these bytes. */
export async function send(
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
export function expectInvalid(answer: Answer, pointer?: string): void {
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
export async function refuseEach(
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

export const typesOf = (schema: JsonSchema): string[] => [
  ...[schema.type ?? []].flat(),
  ...(schema.enum ? ['string'] : []),
  ...(schema.anyOf ?? []).flatMap(typesOf),
];

/** Values of every JSON type that the schema does not take. */
export function wrongValues(schema: JsonSchema): unknown[] {
  // Each integer is a number.
  const types = typesOf(schema).map((type) => (type === 'integer' ? 'number' : type));
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
