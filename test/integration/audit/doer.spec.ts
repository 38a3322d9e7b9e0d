import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, totp, type Call, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';

/** Who did it: every event of a call tells whose API key it was, and whom the panel named behind it. */
let panel: TestPanel;
let tenant: TestTenant;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());
beforeEach(async () => {
  tenant = await panel.tenant();
  call = ApiDescription.read().checked(tenant.call);
});

interface Told {
  readonly type: string;
  readonly data: Record<string, unknown>;
}
const eventsOf = ({ tenantId }: TestTenant) =>
  panel.sql<Told>('select type, data from event where tenant_id = $1 order by id', [tenantId]);

/** What a call writes, with the headers that it is given. */
async function toldBy(work: () => Promise<unknown>): Promise<Told[]> {
  const before = (await eventsOf(tenant)).length;
  await work();
  return (await eventsOf(tenant)).slice(before);
}

describe('every event of a call', () => {
  test('has the API key, and the actor of its header', async () => {
    const user = await panel.totpUser(tenant);
    const { accountId, userId, path, deviceId } = user;
    const { apiKey } = (await call('GET', '/v1/tenant')).body;
    const actor = { 'sallyport-actor': 'operator-7' };
    const proof = async (purpose: string) => ({
      ...actor,
      'sallyport-proof': await panel.proof(user, purpose, tenant),
    });
    const other = (await call('POST', '/v1/api-keys', { name: 'Other', scopes: ['audit'] })).body.id;
    const sms = { method: 'sms', name: 'Phone', phone: '+31612345678' };
    const login = { accountId, userId };
    const [adding, renewing, removing] = [
      await proof('add_device'),
      await proof('regenerate_recovery_codes'),
      await proof('remove_device'),
    ];
    const open = await panel.challenge(user, {}, tenant);
    const phone = (await call('POST', `${path}/devices`, sms, adding)).body.id;
    const steps: [expected: string, method: string, path: string, body?: object | undefined, headers?: object][] = [
      ['account.created', 'PUT', '/v1/accounts/new', {}],
      ['user.created', 'PUT', '/v1/accounts/new/users/new', { email: 'a@panel.example' }],
      ['user.email_changed', 'PATCH', '/v1/accounts/new/users/new', { email: 'b@panel.example' }],
      ['login.allowed', 'POST', '/v1/challenges', { accountId: 'new', userId: 'new' }],
      ['login.denied', 'POST', '/v1/challenges', { ...login, purpose: 'api_login' }],
      ['policy.changed', 'PATCH', '/v1/policy', { totp: { window: 0 } }],
      ['policy.changed', 'PUT', `/v1/accounts/${accountId}/policy`, { code: { maxSends: 3 } }],
      ['policy.changed', 'DELETE', `/v1/accounts/${accountId}/policy`],
      ['api_key.revoked', 'DELETE', `/v1/api-keys/${other}`],
      ['api_key.created', 'POST', '/v1/api-keys', { name: 'New', scopes: ['audit'] }],
      ['device.renamed', 'PATCH', `/v1/devices/${deviceId}`, { name: 'Name' }],
      ['challenge.created', 'POST', '/v1/challenges', login],
      ['challenge.canceled', 'POST', `/v1/challenges/${open}/cancel`],
      ['recovery_codes.generated', 'POST', `${path}/recovery-codes`, undefined, renewing],
      ['recovery_codes.acknowledged', 'POST', `${path}/recovery-codes/acknowledge`],
      ['device.removed', 'DELETE', `/v1/devices/${phone}`, undefined, removing],
      ['two_factor.reset', 'POST', `${path}/two-factor/reset`, { reason: 'Lost' }],
      ['device.imported', 'POST', `${path}/devices/import`, { name: 'App', secret: user.secret }],
      ['user.erased', 'DELETE', path],
    ];
    for (const [expected, method, target, body, headers = {}] of steps) {
      const told = await toldBy(async () => {
        const answer = await call(method, target, body, { ...headers, ...actor });
        expect({ expected, status: answer.status }).toEqual({ expected, status: expect.any(Number) });
        expect(answer.status).toBeLessThan(300);
      });
      expect(told.map(({ type }) => type)).toContain(expected);
      for (const { type, data } of told) {
        expect({ type, ...data }).toMatchObject({ type, apiKeyId: apiKey.id, actor: 'operator-7' });
      }
    }
    // Where no header names an actor there is none.
    const [event] = await toldBy(() => call('PUT', '/v1/accounts/newer', {}));
    expect(event?.data).toEqual({ apiKeyId: apiKey.id });
  });

  test('a wrong code and a right one, and the locks that follow', async () => {
    const user = await panel.totpUser(tenant);
    const id = await panel.challenge(user, {}, tenant);
    const actor = { 'sallyport-actor': 'Front door' };
    const told = await toldBy(async () => {
      await call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: 'aaaa-bbbb-cccc-dddd' }, actor);
      await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) }, actor);
    });
    expect(told.map(({ type }) => type)).toEqual(['challenge.rejected', 'challenge.approved']);
    for (const { data } of told) expect(data).toMatchObject({ actor: 'Front door' });
  });

  test('names an API key that was made or revoked apart from the one that did it', async () => {
    const own = (await call('GET', '/v1/tenant')).body.apiKey.id;
    const { id } = (await call('POST', '/v1/api-keys', { name: 'Other', scopes: ['audit'] })).body;
    await call('DELETE', `/v1/api-keys/${id}`);
    const told = (await eventsOf(tenant)).filter(({ data }) => data['keyId'] === id);
    expect(told.map(({ type, data }) => ({ type, apiKeyId: data['apiKeyId'] }))).toEqual([
      { type: 'api_key.created', apiKeyId: own },
      { type: 'api_key.revoked', apiKeyId: own },
    ]);
  });
});

/** Sends a header byte by byte, as `fetch` does not. */
const putWith = (path: string, actor: Buffer) =>
  new Promise<number>((done, fail) => {
    const headers = { authorization: `Bearer ${tenant.apiKey}`, 'sallyport-actor': actor.toString('latin1') };
    const sent = request(`${panel.url}${path}`, { method: 'PUT', headers }, (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    sent.once('error', fail);
    sent.end();
  });

describe('an actor is a note', () => {
  test.each([
    ['in any script', Buffer.from('Зоя 李'), 'Зоя 李'],
    ['with space around and within', Buffer.from('  Jane \t  Doe '), 'Jane Doe'],
    ['with what has no shape', Buffer.from('a\u200Bb\u202Ec\u0085d\uFEFF'), 'abcd'],
    ['in bytes that are no UTF-8', Buffer.from([0x4a, 0xff, 0x6e]), 'Jn'],
    ['beyond its length', Buffer.from('é'.repeat(300)), 'é'.repeat(200)],
    ['of nothing', Buffer.from(' \u200B '), undefined],
  ])('%s: cleaned, never refused', async (_, sent, expected) => {
    const told = await toldBy(async () => expect(await putWith('/v1/accounts/noted', sent)).toBe(200));
    expect(told.map(({ data }) => data['actor'])).toEqual([expected]);
  });
});

test('each lock that is lifted is told, however many there are', async () => {
  const { path, userId } = await panel.totpUser(tenant);
  await panel.sql(
    `insert into lockout (id, tenant_id, user_id, subject, wrong_codes, started_at, locked_until)
     select 'lck_' || lpad(n::text, 26, '0'), tenant_id, id, 'recovery_codes', 6, now(), now() + interval '1 hour'
     from app_user, generate_series(1, 230) n where external_id = $1 and tenant_id = $2`,
    [userId, tenant.tenantId],
  );
  const told = await toldBy(async () => expect((await call('DELETE', `${path}/lockouts`)).status).toBe(204));
  expect(told).toHaveLength(230);
  expect(new Set(told.map(({ data }) => data['lockoutId'])).size).toBe(230);
  for (const { type, data } of told)
    expect({ type, ...data }).toMatchObject({ type: 'lockout.ended', reason: 'lifted' });
  expect(await toldBy(() => call('DELETE', `${path}/lockouts`))).toEqual([]);
});
