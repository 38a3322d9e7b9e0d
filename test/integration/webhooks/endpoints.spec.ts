import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadKeys } from '#runtime';
import { Sealer } from '#persistence';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel } from '../../support/gateway-harness.js';
import { makeWebhook } from '../../support/webhooks-of-panel.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  call = ApiDescription.read().checked(panel.call);
});
afterAll(() => panel.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const url = 'https://receiver.example/hooks?token=t0k';

const sealedSecrets = async (id: string) => {
  const rows = await panel.sql<{ now: Buffer; before: Buffer | null }>(
    'select secret_sealed as now, previous_secret_sealed as before from webhook where id = $1',
    [id],
  );
  const sealer = new Sealer(loadKeys(['webhook'], { SALLYPORT_KEYS: panel.keyFile }).webhook);
  const open = (sealed: Buffer | null | undefined) => sealed && sealer.openText('webhook-secret', id, sealed);
  return { now: open(rows[0]?.now), before: open(rows[0]?.before) };
};

const eventsOf = (id: string) =>
  panel.sql<{ type: string; data: Record<string, unknown> }>(
    `select type, data - 'apiKeyId' as data from event where data ->> 'webhookId' = $1 order by tx, type`,
    [id],
  );

describe('a webhook', () => {
  test('is created, with a secret that is shown once and kept under a key of its own', async () => {
    const body = { url, description: 'Billing', types: ['com.sallyport.user.created', 'challenge.*', 'user.created'] };
    const made = await call('POST', '/v1/webhooks', { ...body, accountId: 'customer 1' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^whk_/),
        url,
        types: ['user.created', 'challenge.*'],
        accountId: 'customer 1',
        status: 'enabled',
        disabledReason: null,
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      },
    });
    const { id, secret, ...rest } = made.body;
    expect(await sealedSecrets(id)).toEqual({ now: secret, before: null });
    for (const path of ['/v1/webhooks', `/v1/webhooks/${id}`]) {
      expect(JSON.stringify((await call('GET', path)).body)).not.toContain('whsec_');
    }
    expect((await call('GET', `/v1/webhooks/${id}`)).body).toEqual({ id, ...rest });
    expect(await eventsOf(id)).toEqual([
      {
        type: 'webhook.created',
        data: {
          webhookId: id,
          host: 'receiver.example',
          types: ['user.created', 'challenge.*'],
          ofAccount: 'customer 1',
        },
      },
    ]);
  });

  test('names who is told when it is disabled: sealed, shown to whoever may change it, and masked to others', async () => {
    const contactEmail = 'ops@Panel.example';
    const { body } = await call('POST', '/v1/webhooks', { url, contactEmail, contactLocale: 'nl' });
    const { id } = body;
    expect(body).toMatchObject({ contactEmail, contactLocale: 'nl' });
    const { key } = (await call('POST', '/v1/api-keys', { name: 'Auditor', scopes: ['audit'] })).body;
    const asAuditor = await call('GET', `/v1/webhooks/${id}`, undefined, bearer(key));
    expect(asAuditor.body).toMatchObject({ contactEmail: 'o***@Panel.example', contactLocale: 'nl' });
    const [row] = await panel.sql<{ text: string }>('select w::text as text from webhook w where id = $1', [id]);
    expect(row?.text).not.toContain(Buffer.from(contactEmail).toString('hex'));

    const same = await call('PATCH', `/v1/webhooks/${id}`, { contactEmail });
    expect(same.body).toMatchObject({ contactEmail, updatedAt: body.updatedAt });
    const other = await call('PATCH', `/v1/webhooks/${id}`, { contactEmail: 'team@panel.example' });
    expect(other.body).toMatchObject({ contactEmail: 'team@panel.example', contactLocale: 'nl' });
    const none = await call('PATCH', `/v1/webhooks/${id}`, { contactEmail: null, contactLocale: null });
    expect(none.body).toMatchObject({ contactEmail: null, contactLocale: null });
    const events = await eventsOf(id);
    expect(events.map(({ data }) => data['changed'])).toEqual([
      undefined,
      ['contactEmail'],
      ['contactEmail', 'contactLocale'],
    ]);
    expect(JSON.stringify(events)).not.toMatch(/@/);
    for (const wrong of [{ contactEmail: 'nobody' }, { contactEmail: '' }, { contactLocale: 'no language' }])
      expect((await call('POST', '/v1/webhooks', { url, ...wrong })).status).toBe(400);
  });

  test('keeps an answer with a secret for ten minutes at most, for a client that asks again', async () => {
    const again = { 'idempotency-key': 'one' };
    const made = await call('POST', '/v1/webhooks', { url }, again);
    const rotated = await call('POST', `/v1/webhooks/${made.body.id}/secret`, {}, again);
    expect((await call('POST', '/v1/webhooks', { url }, again)).body).toEqual(made.body);
    expect((await call('POST', `/v1/webhooks/${made.body.id}/secret`, {}, again)).body).toEqual(rotated.body);
    const stored = await panel.sql(
      `select expires_at <= now() + interval '10 minutes' as "isShort" from idempotent_answer`,
    );
    expect(stored).toEqual([{ isShort: true }, { isShort: true }]);
  });

  test('shows no more of its address than the host to those who may not change it', async () => {
    const { id } = await makeWebhook(panel);
    const auditor = bearer(await panel.key(['audit']));
    expect((await call('GET', `/v1/webhooks/${id}`, undefined, auditor)).body.url).toBe('https://receiver.example');
    expect((await call('PATCH', `/v1/webhooks/${id}`, { status: 'disabled' }, auditor)).status).toBe(403);
    const stored = await panel.sql<{ text: string }>('select data::text as text from event');
    expect(stored.map(({ text }) => text).join()).not.toContain('t0k');
  });

  test.each([
    'http://receiver.example/',
    'https://user:word@receiver.example/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest',
    'https://localhost/',
    'ftp://receiver.example/',
    'receiver.example',
    `https://receiver.example/${'x'.repeat(2048)}`,
  ])('is refused the address %s', async (bad) => {
    expect(await call('POST', '/v1/webhooks', { url: bad })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  test('is refused types that mean nothing', async () => {
    for (const types of [[], ['no.such'], ['nothing.*'], ['*']]) {
      expect(await call('POST', '/v1/webhooks', { url, types })).toMatchObject({ status: 400 });
    }
  });

  test('is changed, disabled and enabled; each is told once', async () => {
    const { id } = await makeWebhook(panel);
    const path = `/v1/webhooks/${id}`;
    await panel.sql(`update webhook set failing_since = now() - interval '1 day' where id = $1`, [id]);
    expect(await call('PATCH', path, { types: ['device.*'], description: 'x' })).toMatchObject({
      status: 200,
      body: { url, types: ['device.*'], description: 'x', failingSince: expect.any(String) },
    });
    expect((await call('PATCH', path, { types: ['device.*'] })).status).toBe(200);
    expect(await call('PATCH', path, { status: 'disabled' })).toMatchObject({
      body: { status: 'disabled', disabledReason: 'manual', disabledAt: expect.any(String) },
    });
    expect(await call('PATCH', path, { status: 'enabled', types: null })).toMatchObject({
      body: { status: 'enabled', disabledReason: null, disabledAt: null, failingSince: null, types: null },
    });
    expect((await call('PATCH', path, {})).status).toBe(400);
    const told = (await eventsOf(id)).map(({ type, data }) => [type, data['changed'] ?? data['reason'] ?? null]);
    expect(told).toEqual([
      ['webhook.created', null],
      ['webhook.changed', ['description', 'types']],
      ['webhook.changed', ['status']],
      ['webhook.disabled', 'manual'],
      ['webhook.changed', ['types', 'status']],
    ]);
  });

  test('gets a new secret; the old one signs beside it for as long as is asked for', async () => {
    const { id, secret } = await makeWebhook(panel);
    const path = `/v1/webhooks/${id}`;
    const rotated = await call('POST', `${path}/secret`, {});
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(secret);
    expect(await sealedSecrets(id)).toEqual({ now: rotated.body.secret, before: secret });
    const hours = (Date.parse(rotated.body.previousSecretUntil) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24.1);
    const at = await call('POST', `${path}/secret`, { overlapHours: 0 });
    expect(at.body.previousSecretUntil).toBeNull();
    expect(await sealedSecrets(id)).toEqual({ now: at.body.secret, before: null });
    expect((await call('POST', `${path}/secret`, { overlapHours: 169 })).status).toBe(400);
  });

  test('is deleted', async () => {
    const { id } = await makeWebhook(panel);
    expect((await call('DELETE', `/v1/webhooks/${id}`)).status).toBe(204);
    expect((await call('GET', `/v1/webhooks/${id}`)).status).toBe(404);
    expect((await eventsOf(id)).at(-1)).toEqual({
      type: 'webhook.deleted',
      data: { webhookId: id, host: 'receiver.example' },
    });
  });

  test("is another tenant's: as if there were none", async () => {
    const { id } = await makeWebhook(panel);
    const other = await panel.tenant();
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { status: 'disabled' }],
      ['DELETE', '', undefined],
      ['POST', '/secret', {}],
      ['POST', '/test', undefined],
      ['GET', '/deliveries', undefined],
      ['POST', '/redeliver', { from: '2026-01-01T00:00:00Z' }],
      ['POST', '/deliveries/whd_1/redeliver', undefined],
    ] as const) {
      expect(await other.call(method, `/v1/webhooks/${id}${path}`, body)).toMatchObject({ status: 404 });
    }
    expect((await other.call('GET', '/v1/webhooks')).body.data).toEqual([]);
    expect((await call('GET', `/v1/webhooks/${id}`)).body.status).toBe('enabled');
  });

  test('is one of 50 at most, also where many are created at once', async () => {
    const tenant = await panel.tenant();
    for (let n = 0; n < 46; n += 1) await makeWebhook(tenant);
    const made = await Promise.all(Array.from({ length: 8 }, () => tenant.call('POST', '/v1/webhooks', { url })));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(4);
    const refused = made.find(({ status }) => status !== 201);
    expect(refused).toMatchObject({ status: 409, body: { code: 'webhook_limit_reached' } });
    const page = await tenant.call('GET', '/v1/webhooks?limit=30');
    const rest = await tenant.call('GET', `/v1/webhooks?limit=30&cursor=${page.body.nextCursor}`);
    expect(new Set([...page.body.data, ...rest.body.data].map(({ id }) => id)).size).toBe(50);
    expect(rest.body.nextCursor).toBeNull();
  });
});
