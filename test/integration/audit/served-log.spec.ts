import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ExportVerification,
  hashLeaf,
  noWitness,
  openCheckpoint,
  parseProofFile,
  parseVkey,
  verifyConsistency,
  verifyProofFile,
} from '#audit-log';
import { scopes } from '#persistence';
import { ApiDescription } from '../../support/api-description.js';
import { auditState } from '../../support/audit-state.js';
import { startPanel, type Call, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { callsOf } from '../../support/gateway.js';
import { sealPanel } from '../../support/seal-panel.js';
import { tamper } from '../../support/tamper.js';

interface Served {
  readonly id: string;
  readonly sequence: number;
  readonly index: number;
  readonly sealed: string;
  readonly data: { readonly personal?: unknown };
}
interface Checkpoint {
  readonly size: number;
  readonly root: string;
  readonly note: string;
}

let panel: TestPanel;
let api: ApiDescription;
let state: Awaited<ReturnType<typeof auditState>>;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
  state = await auditState();
});
afterAll(async () => {
  await panel.stop();
  await state.remove();
});

const sealAll = () => sealPanel(panel, state.path);

const get = async <T>(call: Call, path: string): Promise<T> => {
  const { status, body } = await api.checked(call)('GET', path);
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body as T;
};
const eventsOf = async (call: Call) => (await get<{ data: Served[] }>(call, '/v1/audit/events?limit=500')).data;
const checkpointsOf = async (call: Call) => (await get<{ data: Checkpoint[] }>(call, '/v1/audit/checkpoints')).data;

/** What a stranger believes who has the tenant's id. */
async function trustOf({ tenantId, call }: TestTenant) {
  const { keys } = await get<{ keys: string[] }>(call, `/.well-known/audit-keys/${tenantId}`);
  return { logs: keys.map(parseVkey), quorum: noWitness };
}

/** A tenant with a user, whose events are sealed and signed twice. */
async function grownLog(): Promise<TestTenant> {
  const tenant = await panel.tenant();
  await tenant.call('PUT', '/v1/accounts/acme', {});
  await sealAll();
  await tenant.call('PUT', '/v1/accounts/acme/users/jana', { displayName: 'Jana' });
  await tenant.call('POST', '/v1/accounts/acme/users/jana/devices', { method: 'totp', name: 'Phone of Jana' });
  await sealAll();
  return tenant;
}

describe('the log as the API serves it', () => {
  test('is what was hashed: an export of its lines verifies against checkpoints and keys that it serves', async () => {
    const tenant = await grownLog();
    const events = await eventsOf(tenant.call);
    const checkpoints = await checkpointsOf(tenant.call);
    const policy = await trustOf(tenant);
    expect(events.map(({ index }) => index)).toEqual(events.map((_, at) => at));
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
    expect(checkpoints.length).toBeGreaterThan(1);
    const verification = new ExportVerification({ tenantId: tenant.tenantId });
    for (const { note, size, root } of checkpoints) {
      const { head } = openCheckpoint(note, policy);
      expect([head.size, Buffer.from(head.root).toString('base64')]).toEqual([size, root]);
      verification.expect(head);
    }
    for (const { sealed } of events) verification.add(sealed);
    expect(verification.finish()).toMatchObject({ ok: true });
  });

  test('proves each event by itself, and no other one by that proof', async () => {
    const tenant = await grownLog();
    const policy = await trustOf(tenant);
    const events = await eventsOf(tenant.call);
    const leafOf = ({ sealed }: Served) => hashLeaf(sealed.slice('{"event":'.length, sealed.lastIndexOf(',"index":')));
    for (const [at, event] of events.entries()) {
      const answer = await get<{ index: number; proof: string }>(tenant.call, `/v1/audit/proofs?eventId=${event.id}`);
      const proof = parseProofFile(answer.proof);
      expect(answer.index).toBe(at);
      expect(hashLeaf(Buffer.from(proof.extra ?? []).toString())).toEqual(leafOf(event));
      expect(verifyProofFile(proof, leafOf(event), policy).head.size).toBe(events.length);
      const other = events[(at + 1) % events.length] as Served;
      expect(() => verifyProofFile(proof, leafOf(other), policy)).toThrow();
    }
  });

  test('proves that it only grew', async () => {
    const tenant = await grownLog();
    const [first, last] = await checkpointsOf(tenant.call).then((all) => [all[0], all.at(-1)] as Checkpoint[]);
    if (!first || !last) throw new Error('No checkpoints.');
    const path = `/v1/audit/proofs/consistency?from=${first.size}&to=${last.size}`;
    const { hashes } = await get<{ hashes: string[] }>(tenant.call, path);
    const proof = hashes.map((hash) => Buffer.from(hash, 'base64'));
    const head = ({ size, root }: Checkpoint) => ({ size, root: Buffer.from(root, 'base64') });
    expect(verifyConsistency(head(first), head(last), proof)).toBe(true);
    const forged = { size: first.size, root: Buffer.alloc(32) };
    expect(verifyConsistency(forged, head(last), proof)).toBe(false);
    for (const [query, words] of [
      [`from=${last.size}&to=${first.size}`, /more than `to`/],
      [`from=0&to=${last.size + 1}`, /more than the log has/],
    ] as const) {
      const refused = await tenant.call('GET', `/v1/audit/proofs/consistency?${query}`);
      expect([refused.status, refused.body.code]).toEqual([400, 'invalid_request']);
      expect(JSON.stringify(refused.body.errors)).toMatch(words);
    }
  });

  test('opens what is personal for keys with audit:personal only, and hashes it sealed for all', async () => {
    const tenant = await grownLog();
    const without = callsOf(panel.url, await tenant.key(['audit']));
    const opened = await eventsOf(tenant.call);
    const closed = await eventsOf(without);
    expect(opened.filter(({ data }) => data.personal !== undefined).length).toBeGreaterThan(0);
    expect(closed.filter(({ data }) => data.personal !== undefined)).toEqual([]);
    expect(closed.map(({ sealed }) => sealed)).toEqual(opened.map(({ sealed }) => sealed));
    expect(JSON.stringify(closed)).not.toContain('Phone of Jana');
    expect(scopes).toContain('audit:personal');
  });

  test('shows a changed event beside the hash that was sealed', async () => {
    const tenant = await grownLog();
    const [event] = await eventsOf(tenant.call);
    await tamper(panel.databaseUrl, `update event set data = data || '{"kind":"other"}' where id = '${event?.id}'`);
    const verification = new ExportVerification({ tenantId: tenant.tenantId });
    for (const { sealed } of await eventsOf(tenant.call)) verification.add(sealed);
    expect(verification.finish()).toMatchObject({ ok: false, fault: { reason: 'event_changed', index: 0 } });
  });

  test('is read by its own tenant only, and proves what a checkpoint is about', async () => {
    const tenant = await grownLog();
    const [event] = await eventsOf(tenant.call);
    const stranger = await panel.tenant();
    const asked = `/v1/audit/proofs?eventId=${event?.id}`;
    expect((await stranger.call('GET', asked)).body).toMatchObject({ status: 404, code: 'not_found' });
    expect((await get<{ data: [] }>(stranger.call, '/v1/audit/checkpoints')).data).toEqual([]);
    expect((await stranger.call('GET', `/.well-known/audit-keys/${stranger.tenantId}`)).status).toBe(404);

    await tamper(panel.databaseUrl, `delete from audit_checkpoint where tenant_id = '${tenant.tenantId}'`);
    const unsigned = await tenant.call('GET', asked);
    expect(unsigned.body).toMatchObject({
      status: 404,
      detail: expect.stringMatching(/No checkpoint is about this event yet/),
    });
  });

  test('is paged by checkpoints in both orders; a forged cursor is refused', async () => {
    const tenant = await grownLog();
    const all = await checkpointsOf(tenant.call);
    for (const order of ['oldest', 'newest']) {
      const seen: Checkpoint[] = [];
      for (let path = `/v1/audit/checkpoints?limit=1&order=${order}`; ;) {
        const page = await get<{ data: Checkpoint[]; nextCursor: string }>(tenant.call, path);
        if (page.data.length === 0) break;
        seen.push(...page.data);
        path = `/v1/audit/checkpoints?limit=1&order=${order}&cursor=${page.nextCursor}`;
      }
      expect(seen).toEqual(order === 'oldest' ? all : all.toReversed());
    }
    for (const forged of [
      'x',
      Buffer.from('1 2026-13-40T00:00:00.000000Z').toString('base64url'),
      Buffer.from('-1 now').toString('base64url'),
    ]) {
      expect((await tenant.call('GET', `/v1/audit/checkpoints?cursor=${forged}`)).status).toBe(400);
    }
  });
});
