import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statementChannel } from '#persistence';
import { createLogger, loadKeys, type RunningApp } from '#runtime';
import { startAuditWorker } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { EventStream } from '../../support/event-stream.js';
import { callsOf } from '../../support/gateway.js';
import { startPanel, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { startOther } from '../../support/parallel.js';
import { RawClient } from '../../support/raw-client.js';

let panel: TestPanel;
let worker: RunningApp;
let state: Awaited<ReturnType<typeof auditState>>;

beforeAll(async () => {
  panel = await startPanel();
  state = await auditState();
  const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile });
  const logger = createLogger('audit-worker', { write: () => undefined });
  const parts = { database: panel.database, logger, checkpointKey: checkpoint, stateDir: state.path };
  worker = await startAuditWorker({ ...parts, lookEveryMs: 50 });
});
afterAll(async () => {
  await worker.stop();
  await panel.stop();
  await state.remove();
});

/** Writes events as a gateway does, past the calls that would take longer. */
const write = ({ tenantId }: TestTenant, count: number, type = 'challenge.created', userId = 'jana') =>
  panel.sql(
    `insert into event (id, tenant_id, type, account_id, user_id, data)
     select 'evt_' || replace(gen_random_uuid()::text, '-', ''), $1, $2, 'acme', $3, '{}' from generate_series(1, $4)`,
    [tenantId, type, userId, count],
  );

const idsOf = async ({ tenantId }: TestTenant) =>
  (
    await panel.sql<{ id: string }>('select event_id as id from audit_entry where tenant_id = $1 order by sequence', [
      tenantId,
    ])
  ).map(({ id }) => id);

/** Waits until nothing is unsealed. @returns the ids of the tenant's log, in its order */
async function allSealed(tenant: TestTenant): Promise<string[]> {
  const unsealed =
    'select count(*)::int as n from event e where not exists (select from audit_entry n where n.event_id = e.id)';
  while ((await panel.sql<{ n: number }>(unsealed))[0]?.n !== 0) await sleep(20);
  return idsOf(tenant);
}

/** A tenant whose log stands still. @returns it with the length of its log */
async function quietTenant() {
  const tenant = await panel.tenant();
  const plainKey = await tenant.key(['audit']);
  // Who reads is told once in a while: now, and not in the middle of a test.
  for (const key of [tenant.apiKey, plainKey]) await callsOf(panel.url, key)('GET', '/v1/audit/events');
  const before = (await allSealed(tenant)).length;
  return { ...tenant, plainKey, before };
}

describe('the live stream', () => {
  test('has no gap and no repeat for a client that is cut again and again, at two gateways', async () => {
    const tenant = await quietTenant();
    const other = await startOther(panel, 4, { bounds: { silenceMs: 1500 } });
    try {
      await write(tenant, 1200);
      const ids = (await allSealed(tenant)).slice(0, 1);
      const total = 5000;
      const writing = (async () => {
        for (let written = tenant.before + 1200; written < total; written += 100) await write(tenant, 100);
      })();
      for (let turn = 0; ids.length < total; turn += 1) {
        const url = turn % 2 === 0 ? panel.url : other.url;
        const stream = await EventStream.open(url, tenant.apiKey, '', ids.at(-1));
        await stream.until(Math.min(1 + turn * 40, total - ids.length));
        stream.close();
        await stream.ended;
        ids.push(...stream.ids);
      }
      await writing;
      const all = await allSealed(tenant);
      expect(ids).toEqual(all.slice(0, ids.length));
      expect(ids.length).toBeGreaterThanOrEqual(total);
    } finally {
      await other.stop();
    }
  });

  test('begins with what comes from now on, and names its place at once', async () => {
    const tenant = await quietTenant();
    const early = await EventStream.open(panel.url, tenant.apiKey);
    await write(tenant, 3);
    const before = await allSealed(tenant);
    await early.until(3);
    const late = await EventStream.open(panel.url, tenant.apiKey);
    while (late.frames.length === 0) await sleep(10);
    // Lost before its first event: it misses none all the same.
    expect([late.lastId, late.ids]).toEqual([before.at(-1), []]);
    late.close();
    await write(tenant, 2);
    const resumed = await EventStream.open(panel.url, tenant.apiKey, '', late.lastId);
    await resumed.until(2);
    await early.until(5);
    const all = await allSealed(tenant);
    expect([early.ids, resumed.ids]).toEqual([all.slice(tenant.before), all.slice(-2)]);
    for (const each of [early, resumed]) each.close();
  });

  test('shows events as the list does, and what is personal to those who may see it', async () => {
    const tenant = await quietTenant();
    const streams = await Promise.all([tenant.apiKey, tenant.plainKey].map((key) => EventStream.open(panel.url, key)));
    const owner = await panel.user(tenant);
    await tenant.call('POST', `${owner.path}/devices`, { method: 'totp', name: 'Phone of Jana' });
    const [open, closed] = await Promise.all(streams.map((stream) => stream.until(3)));
    const { data } = (await tenant.call('GET', '/v1/audit/events')).body;
    expect(open?.events).toEqual(data.slice(tenant.before));
    expect(JSON.stringify(open?.events)).toContain('Phone of Jana');
    expect(JSON.stringify(closed?.events)).not.toContain('Phone of Jana');
    expect(closed?.ids).toEqual(open?.ids);
    for (const stream of streams) stream.close();
  });

  test('has what was asked for only, live and from before', async () => {
    const tenant = await quietTenant();
    await write(tenant, 1);
    const start = (await allSealed(tenant)).at(-1);
    const query = '?type=challenge.*&type=lockout.started&accountId=acme&userId=jana';
    const live = await EventStream.open(panel.url, tenant.apiKey, query);
    await write(tenant, 2, 'challenge.approved');
    await write(tenant, 2, 'challenge.approved', 'else');
    await write(tenant, 600, 'device.renamed');
    await write(tenant, 1, 'lockout.started');
    await live.until(3);
    const before = await EventStream.open(panel.url, tenant.apiKey, `${query}&cursor=${start}`);
    await before.until(3);
    await write(tenant, 1, 'challenge.rejected');
    await Promise.all([live.until(4), before.until(4)]);
    expect(live.ids).toEqual(before.ids);
    expect(live.events.map(({ type }) => type.replace('com.sallyport.', ''))).toEqual([
      'challenge.approved',
      'challenge.approved',
      'lockout.started',
      'challenge.rejected',
    ]);
    for (const stream of [live, before]) stream.close();
  });

  test('serves a hundred at once, and reads the log once for all', async () => {
    const tenant = await quietTenant();
    const streams = await Promise.all(Array.from({ length: 100 }, () => EventStream.open(panel.url, tenant.apiKey)));
    const asked: unknown[] = [];
    const listen = (name: unknown) => asked.push(name);
    statementChannel.subscribe(listen);
    for (let turn = 0; turn < 10; turn += 1) await write(tenant, 20);
    const ids = (await allSealed(tenant)).slice(tenant.before);
    for (const stream of streams) expect((await stream.until(200)).ids).toEqual(ids);
    statementChannel.unsubscribe(listen);
    // Each reads what came between its beginning and the tail's, at most.
    expect(asked.filter((name) => name === 'audit.events-oldest').length).toBeLessThanOrEqual(20);
    for (const stream of streams) stream.close();
  });

  test('is refused in plain words', async () => {
    const tenant = await quietTenant();
    const other = await panel.tenant();
    await write(other, 1);
    const [strange = ''] = await allSealed(other);
    const refused = (query: string, lastId?: string, key = tenant.apiKey) =>
      EventStream.open(panel.url, key, query, lastId).then(
        () => 'given',
        (error: Error) => error.message,
      );
    expect(await refused('', strange)).toMatch(/^400 .*"\/headers\/last-event-id".*is not the id of a sealed event/);
    expect(await refused('?cursor=evt_1')).toMatch(/^400 .*"\/query\/cursor"/);
    expect(await refused('?type=none')).toMatch(/^400 .*must be an event type/);
    expect(await refused('?limit=1')).toMatch(/^400 /);
    expect(await refused('', undefined, await tenant.key(['devices']))).toMatch(/^403 /);
    expect(await refused('', '')).toBe('given');
  });
});

describe('a live stream ends', () => {
  test('soon after its API key was revoked, and is kept alive until then', async () => {
    const tenant = await quietTenant();
    const other = await startOther(panel, 4, { bounds: { silenceMs: 600 } });
    try {
      const created = (await tenant.call('POST', '/v1/api-keys', { name: 'SIEM', scopes: ['audit'] })).body;
      const stream = await EventStream.open(other.url, created.key);
      while (stream.frames.filter(({ comment }) => comment).length < 3) await sleep(20);
      await tenant.call('DELETE', `/v1/api-keys/${created.id}`);
      expect(await stream.ended).toBe(true);
    } finally {
      await other.stop();
    }
  });

  test('when its gateway stops, which does not wait for it', async () => {
    const tenant = await quietTenant();
    const other = await startOther(panel, 4, { bounds: { silenceMs: 30_000 } });
    const streams = await Promise.all([1, 2, 3].map(() => EventStream.open(other.url, tenant.apiKey)));
    await other.stop();
    expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual([true, true, true]);
  });

  test('where its client does not read; others do not notice, and nothing piles up', async () => {
    const tenant = await quietTenant();
    // Long enough for a busy machine to read a page of the log for the one that does read.
    const other = await startOther(panel, 4, { bounds: { silenceMs: 4000 } });
    const lazy = await RawClient.connect(other.url);
    lazy.send('GET /v1/audit/stream HTTP/1.1', 'host: x', `authorization: Bearer ${tenant.apiKey}`, '', '');
    lazy.stopReading();
    try {
      const reader = await EventStream.open(other.url, tenant.apiKey);
      for (let turn = 0; turn < 20; turn += 1) await write(tenant, 1000);
      await reader.until(20_000);
      reader.close();
      await sleep(6000);
      lazy.readAgain();
      const received = await lazy.closed();
      expect(received.split('\nid: ').length).toBeLessThan(20_000);
      expect(received.endsWith('\r\n0\r\n\r\n')).toBe(false);
    } finally {
      lazy.leave();
      await other.stop();
    }
  });
});
