import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scopes, type Scope } from '#persistence';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel } from '../../support/gateway-harness.js';

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
