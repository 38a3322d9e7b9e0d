import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ExportVerification, noWitness, openCheckpoint, parseVkey } from '#audit-log';
import { pruneLogs } from '../../../apps/relay/src/prune-logs.js';
import { auditState } from '../../support/audit-state.js';
import { EventStream } from '../../support/event-stream.js';
import { startPanel, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { sealPanel } from '../../support/seal-panel.js';
import { tamper } from '../../support/tamper.js';

/** What the API serves of a log whose first entries were pruned. */

let panel: TestPanel;
let tenant: TestTenant;
let state: Awaited<ReturnType<typeof auditState>>;
/** Ids of the log, in its order. */
let ids: string[];
let proofBefore: string;
const prunedEvents = 30;

const get = (path: string) => tenant.call('GET', path);

beforeAll(async () => {
  panel = await startPanel();
  tenant = await panel.tenant();
  state = await auditState();
  // Of forty days ago, and before whatever the tenant has done since.
  await tamper(panel.databaseUrl, `update event set "time" = "time" - interval '39 days' where tenant_id = $1`, [
    tenant.tenantId,
  ]);
  await tamper(
    panel.databaseUrl,
    `insert into event (id, tenant_id, type, "time", account_id, user_id, data)
     select 'evt_old' || n, $1, 'challenge.created', now() - interval '40 days' + n * interval '1 second', 'acme', 'jana', '{"purpose":"login"}'
     from generate_series(1, 30) n`,
    [tenant.tenantId],
  );
  await sealPanel(panel, state.path);
  const patch = { audit: { retentionDays: 35 } };
  expect((await tenant.call('PATCH', '/v1/policy', patch)).status).toBe(200);
  await get('/v1/audit/events?limit=1');
  await sealPanel(panel, state.path);
  ids = (
    await panel.sql<{ id: string }>('select event_id as id from audit_entry where tenant_id = $1 order by sequence', [
      tenant.tenantId,
    ])
  ).map(({ id }) => id);
  proofBefore = (await get(`/v1/audit/proofs?eventId=${ids[2]}`)).body.proof;
  await panel.sql(
    `insert into audit_witnessed (tenant_id, size, signed_at)
     select tenant_id, size, signed_at from audit_checkpoint where tenant_id = $1 order by size desc limit 1`,
    [tenant.tenantId],
  );
  await pruneLogs(panel.database);
  await sealPanel(panel, state.path);
});
afterAll(async () => {
  await panel.stop();
  await state.remove();
});

const prunedUpTo = async () =>
  Number(
    (await panel.sql<{ size: string }>('select size from audit_pruned where tenant_id = $1', [tenant.tenantId]))[0]
      ?.size,
  );

test('the list begins with the oldest event there is, whatever is asked', async () => {
  const mark = await prunedUpTo();
  expect(mark).toBeGreaterThanOrEqual(prunedEvents);
  const oldest = (await get('/v1/audit/events?limit=500')).body.data;
  expect(oldest[0].sequence).toBe(mark + 1);
  const newest = (await get('/v1/audit/events?limit=500&order=newest')).body.data;
  expect(newest.at(-1).sequence).toBe(mark + 1);
  for (const query of ['from=2020-01-01T00:00:00Z', 'to=2999-01-01T00:00:00Z']) {
    expect((await get(`/v1/audit/events?limit=500&${query}`)).body.data[0].sequence).toBe(mark + 1);
  }
  expect((await get('/v1/audit/events?userId=jana')).body.data).toEqual([]);
  expect(oldest.map(({ type }: { type: string }) => type)).toContain('com.sallyport.audit.pruned');
});

test('who would miss events is told; who has the last one before them goes on', async () => {
  const mark = await prunedUpTo();
  const [gone, last] = [ids[mark - 2] ?? '', ids[mark - 1] ?? ''];
  const words = `is an event after which others were pruned, up to sequence ${mark}. Leave it out to begin with the oldest event there is`;
  for (const path of [
    'events?',
    'events?type=policy.changed&',
    'export?format=csv&',
    'export?type=policy.changed&',
    'stream?',
  ]) {
    const { status, body } = await get(`/v1/audit/${path}cursor=${gone}`);
    expect([path, status, body.errors]).toEqual([path, 400, [{ pointer: '/query/cursor', detail: words }]]);
  }
  await expect(EventStream.open(panel.url, tenant.apiKey, '', gone)).rejects.toThrow(/^400 .*were pruned/);
  expect((await get(`/v1/audit/events?cursor=${last}`)).body.data[0].sequence).toBe(mark + 1);
  const stream = await EventStream.open(panel.url, tenant.apiKey, '', last);
  await stream.until(1);
  expect(stream.ids[0]).toBe(ids[mark]);
  stream.close();
  // Towards the beginning, the list just ends.
  expect((await get(`/v1/audit/events?order=newest&cursor=${gone}`)).body.data).toEqual([]);
});

test('an export has the hashes of pruned events and verifies, from the beginning and continued among them', async () => {
  const mark = await prunedUpTo();
  const exported = async (query = '') =>
    (
      await (
        await fetch(`${panel.url}/v1/audit/export${query}`, { headers: { authorization: `Bearer ${tenant.apiKey}` } })
      ).text()
    )
      .split('\n')
      .slice(0, -1);
  const lines = await exported();
  expect(lines.slice(0, mark).every((line) => line.startsWith('{"index":'))).toBe(true);
  expect(lines[mark]).toMatch(/^\{"event":/);
  const checkpoints = (await get('/v1/audit/checkpoints?limit=100')).body.data as { note: string; size: number }[];
  const { keys } = (await get(`/v1/audit/keys/${tenant.tenantId}`)).body as { keys?: string[] };
  const vkeys =
    keys ??
    (await panel.sql<{ vkey: string }>('select vkey from audit_key where tenant_id = $1', [tenant.tenantId])).map(
      ({ vkey }) => vkey,
    );
  const verification = new ExportVerification({ tenantId: tenant.tenantId });
  for (const { note } of checkpoints) {
    verification.expect(openCheckpoint(note, { logs: vkeys.map(parseVkey), quorum: noWitness }).head);
  }
  for (const line of lines) verification.add(line);
  expect(verification.finish()).toMatchObject({ ok: true, size: lines.length });
  expect(checkpoints.at(-1)?.size).toBeGreaterThan(mark);
  expect(await exported(`?cursor=${ids[9]}`)).toEqual(
    lines.slice(10, 10 + (await exported(`?cursor=${ids[9]}`)).length),
  );
  const events = await exported('?format=cloudevents');
  expect(JSON.parse(events[0] ?? '').sequence).toBe(mark + 1);
});

test('a pruned event is proved by its hash, and an old proof holds', async () => {
  const { status, body } = await get(`/v1/audit/proofs?eventId=${ids[2]}`);
  expect([status, body.index]).toEqual([200, 2]);
  expect(body.proof).not.toContain('extra ');
  expect(proofBefore).toContain('extra ');
  const from = 2;
  expect((await get(`/v1/audit/proofs/consistency?from=${from}&to=${ids.length}`)).status).toBe(200);
});
