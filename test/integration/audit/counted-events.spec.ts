import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { networkOf } from '../../../apps/gateway/src/http/refused-keys.js';
import { callsOf, startTestGateway } from '../../support/gateway.js';
import { startPanel, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

interface Told {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

const told = ({ tenantId }: TestTenant, type: string) =>
  panel.sql<Told>('select type, data from event where tenant_id = $1 and type = $2 order by tx', [tenantId, type]);

/** A gateway of its own, since what is counted is told when it ends. */
async function withGateway(work: (url: string) => Promise<void>): Promise<void> {
  const { database, databaseUrl: queueUrl, keyFile } = panel;
  const gateway = await startTestGateway({ database, queueUrl, keyFile });
  try {
    await work(gateway.url);
  } finally {
    await gateway.stop();
  }
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((go) => setTimeout(go, 20));
}

const since = expect.stringMatching(/^\d{4}-.*Z$/);
const network = '127.0.0.0/24';

describe('api_key.refused', () => {
  test('the first call at once, a flood as one event more, without the key', async () => {
    const tenant = await panel.tenant();
    const key = await panel.sql<{ id: string }>('select id from api_key where tenant_id = $1', [tenant.tenantId]);
    await panel.sql('update api_key set revoked_at = now() where tenant_id = $1', [tenant.tenantId]);
    const facts = { keyId: key[0]?.id, reason: 'revoked', network, since };
    await withGateway(async (url) => {
      const call = callsOf(url, tenant.apiKey);
      for (let calls = 0; calls < 50; calls += 1) expect((await call('GET', '/v1/policy')).status).toBe(401);
      await until(async () => (await told(tenant, 'api_key.refused')).length > 0);
      expect((await told(tenant, 'api_key.refused')).map(({ data }) => data)).toEqual([{ ...facts, calls: 1 }]);
    });
    const events = await told(tenant, 'api_key.refused');
    expect(events.map(({ data }) => data)).toEqual([
      { ...facts, calls: 1 },
      { ...facts, calls: 49 },
    ]);
    expect(JSON.stringify(events)).not.toContain(tenant.apiKey.slice(3, 20));
  });

  test('one that has expired, and one that lacks the scope, each apart', async () => {
    const tenant = await panel.tenant();
    const narrow = await tenant.key(['accounts']);
    await withGateway(async (url) => {
      const call = callsOf(url, narrow);
      for (const path of ['/v1/audit/events', '/v1/audit/events', '/v1/api-keys']) {
        expect((await call('GET', path)).status).toBe(403);
      }
    });
    await panel.sql(`update api_key set expires_at = now() - interval '1 second' where tenant_id = $1`, [
      tenant.tenantId,
    ]);
    await withGateway(async (url) => {
      expect((await callsOf(url, narrow)('GET', '/v1/policy')).status).toBe(401);
    });
    const facts = (await told(tenant, 'api_key.refused')).map(({ data: { reason, scope, calls } }) => ({
      reason,
      scope,
      calls,
    }));
    expect(facts.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual([
      { reason: 'expired', scope: undefined, calls: 1 },
      { reason: 'insufficient_scope', scope: 'admin', calls: 1 },
      { reason: 'insufficient_scope', scope: 'audit', calls: 1 },
      { reason: 'insufficient_scope', scope: 'audit', calls: 1 },
    ]);
  });

  test('a key that never was leaves none', async () => {
    const before = await panel.sql(`select id from event where type = 'api_key.refused'`);
    await withGateway(async (url) => {
      expect((await callsOf(url, `sp_${'x'.repeat(43)}`)('GET', '/v1/policy')).status).toBe(401);
    });
    expect(await panel.sql(`select id from event where type = 'api_key.refused'`)).toEqual(before);
  });

  test.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:12ab:3::1', '2001:db8:12ab::/48'],
    ['::1', undefined],
  ])('of %s it keeps %s', (ip, kept) => expect(networkOf(ip)).toBe(kept));
});

describe('audit.read', () => {
  const read = { since, personal: true };

  test('the first reading before its answer, those that follow as one event, with who it was', async () => {
    const tenant = await panel.tenant();
    await withGateway(async (url) => {
      const call = callsOf(url, tenant.apiKey);
      expect((await call('GET', '/v1/audit/events')).status).toBe(200);
      expect((await told(tenant, 'audit.read')).map(({ data }) => data)).toEqual([
        { ...read, reads: 1, events: 0, apiKeyId: expect.any(String) },
      ]);
      for (let reads = 0; reads < 3; reads += 1) await call('GET', '/v1/audit/events');
      await call('GET', '/v1/audit/events', undefined, { 'sallyport-actor': 'auditor-7' });
    });
    const readings = (await told(tenant, 'audit.read')).map(({ data: { reads, actor } }) => ({ reads, actor }));
    expect(readings.toSorted((a, b) => Number(a.reads) - Number(b.reads))).toEqual([
      { reads: 1, actor: undefined },
      { reads: 1, actor: 'auditor-7' },
      { reads: 3, actor: undefined },
    ]);
  });

  test('what cannot be written refuses nobody, and is written later', async () => {
    const tenant = await panel.tenant();
    await panel.sql(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$`,
    );
    await panel.sql('create trigger refuse before insert on event for each row execute function refuse()');
    await withGateway(async (url) => {
      const call = callsOf(url, tenant.apiKey);
      for (let reads = 0; reads < 2; reads += 1) expect((await call('GET', '/v1/audit/events')).status).toBe(200);
      await panel.sql('drop trigger refuse on event');
    });
    expect((await told(tenant, 'audit.read')).map(({ data }) => data)).toEqual([
      { ...read, reads: 2, events: 0, apiKeyId: expect.any(String) },
    ]);
  });
});
