import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashLeaf, noWitness, parseProofFile, parseVkey, verifyProofFile, type Policy } from '#audit-log';
import { ApiDescription } from '../../support/api-description.js';
import { auditState } from '../../support/audit-state.js';
import { startPanel, type Call, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { callsOf } from '../../support/gateway.js';
import { sealPanel } from '../../support/seal-panel.js';
import { tamper } from '../../support/tamper.js';

interface Proved {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly index: number;
  readonly sealed: string;
  readonly data: { readonly userId?: string; readonly personal?: { readonly deviceName?: string } };
  readonly proof: string | null;
}
interface Answer {
  readonly data: Proved[];
  readonly nextCursor: string | null;
  readonly checkpoint: { readonly size: number; readonly note: string } | null;
}

let panel: TestPanel;
let state: Awaited<ReturnType<typeof auditState>>;
let api: ApiDescription;
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

async function proofsOf({ path }: Pick<TestUser, 'path'>, query = '', call: Call = panel.call): Promise<Answer> {
  const { status, body } = await api.checked(call)('GET', `${path}/audit/proofs${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body;
}

async function trust(): Promise<Policy> {
  const { keys } = (await panel.call('GET', `/.well-known/audit-keys/${panel.tenantId}`)).body;
  return { logs: keys.map(parseVkey), quorum: noWitness };
}

/** Verifies a proof by what is in it. @returns the event that it proves */
function proved(file: string | null, policy: Policy) {
  const proof = parseProofFile(file ?? '');
  const encoding = Buffer.from(proof.extra ?? []).toString();
  const { head } = verifyProofFile(proof, hashLeaf(encoding), policy);
  return { index: proof.index, size: head.size, event: JSON.parse(encoding) };
}

/** Two people of one account, each with a device, whose events stand between one another. */
async function twoPeople() {
  const anna = await panel.user();
  const bob = await panel.user();
  for (const [user, name] of [
    [anna, 'Phone of Anna'],
    [bob, 'Phone of Bob'],
    [anna, 'Tablet of Anna'],
  ] as const)
    expect((await panel.call('POST', `${user.path}/devices`, { method: 'totp', name })).status).toBe(201);
  await sealAll();
  return { anna, bob };
}

describe('a receipt', () => {
  test('has all events of its user and no others, each with a file that proves just that one', async () => {
    const { anna, bob } = await twoPeople();
    const policy = await trust();
    const { data, nextCursor, checkpoint } = await proofsOf(anna);
    expect(nextCursor).toBeNull();
    expect(data.map(({ type }) => type)).toEqual([
      'com.sallyport.user.created',
      'com.sallyport.device.enrolment_started',
      'com.sallyport.device.enrolment_started',
    ]);
    for (const each of data) {
      const { index, size, event } = proved(each.proof, policy);
      expect([event.id, index, size]).toEqual([each.id, each.index, checkpoint?.size]);
      expect([event.userId, `com.sallyport.${event.type}`, event.time]).toEqual([anna.userId, each.type, each.time]);
      expect(each.sealed).toBe(
        JSON.stringify({ event, index, leafHash: hashLeaf(JSON.stringify(event)).toString('base64') }),
      );
    }
    expect(data.map(({ data: { personal } }) => personal?.deviceName)).toEqual([
      undefined,
      'Phone of Anna',
      'Tablet of Anna',
    ]);
    expect(JSON.stringify(data)).not.toContain(bob.userId);
    expect((await proofsOf(bob)).data.map(({ data: { userId } }) => userId)).toEqual([bob.userId, bob.userId]);
  });

  test('is paged in both orders, and a cursor of another user is none', async () => {
    const { anna, bob } = await twoPeople();
    const all = (await proofsOf(anna)).data.map(({ id }) => id);
    for (const order of ['oldest', 'newest']) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Answer = await proofsOf(anna, `?order=${order}&limit=1${cursor ? `&cursor=${cursor}` : ''}`);
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(order === 'oldest' ? all : all.toReversed());
    }
    for (const path of [`${bob.path}/audit/proofs?cursor=${all[0]}`, `${anna.path}/audit/proofs?cursor=evt_none`]) {
      const { status, body } = await panel.call('GET', path);
      expect({ status, errors: body.errors }).toMatchObject({ status: 400, errors: [{ pointer: '/query/cursor' }] });
    }
    expect((await panel.call('GET', `${anna.path}-nobody/audit/proofs`)).status).toBe(404);
  });

  test('has nothing that is not sealed yet, and no proof of what is not signed yet', async () => {
    const { anna } = await twoPeople();
    const [first, ...others] = (await proofsOf(anna)).data;
    await panel.call('POST', `${anna.path}/devices`, { method: 'totp', name: 'Not sealed yet' });
    expect((await proofsOf(anna)).data).toHaveLength(1 + others.length);
    await tamper(
      panel.databaseUrl,
      `delete from audit_checkpoint where tenant_id = '${panel.tenantId}' and size > ${(first?.index ?? 0) + 1}`,
    );
    const { data, checkpoint } = await proofsOf(anna);
    const size = checkpoint?.size ?? 0;
    expect(data.map(({ proof }) => proof !== null)).toEqual(data.map(({ index }) => index < size));
    await tamper(panel.databaseUrl, `delete from audit_checkpoint where tenant_id = '${panel.tenantId}'`);
    const unsigned = await proofsOf(anna);
    expect([unsigned.checkpoint, ...unsigned.data.map(({ proof }) => proof)]).toEqual([null, null, null, null]);
  });

  test('takes the scope audit:personal, and no other', async () => {
    const { anna } = await twoPeople();
    const all = callsOf(panel.url, await panel.key(['accounts', 'devices', 'challenges', 'audit', 'admin']));
    expect((await all('GET', `${anna.path}/audit/proofs`)).body).toMatchObject({ code: 'insufficient_scope' });
    const one = callsOf(panel.url, await panel.key(['audit:personal']));
    expect((await proofsOf(anna, '', one)).data).toHaveLength(3);
    expect((await one('GET', '/v1/audit/events')).body).toMatchObject({ code: 'insufficient_scope' });
  });

  test('proves all events of a long page', async () => {
    const { anna } = await twoPeople();
    for (let n = 0; n < 20; n += 1)
      await panel.call('POST', `${anna.path}/devices`, { method: 'totp', name: `Phone ${n}` });
    await sealAll();
    const policy = await trust();
    const { data } = await proofsOf(anna, '?limit=100');
    expect(data.length).toBeGreaterThan(20);
    expect(data.map(({ proof }) => proved(proof, policy).event.id)).toEqual(data.map(({ id }) => id));
  });
});

describe('after the user was erased', () => {
  test('a receipt given before still verifies, and neither it nor the log says anything of the person', async () => {
    const { anna } = await twoPeople();
    const before = await proofsOf(anna);
    const files = before.data.map(({ proof }) => proof);
    expect(JSON.stringify(before.data)).toContain('Tablet of Anna');
    expect((await panel.call('DELETE', anna.path)).status).toBe(204);
    await sealAll();

    const policy = await trust();
    expect(files.map((file) => proved(file, policy).event.id)).toEqual(before.data.map(({ id }) => id));
    const encodings = files.map((file) => Buffer.from(parseProofFile(file ?? '').extra ?? []).toString());
    const served = await panel.call('GET', `/v1/audit/events?limit=500&userId=${anna.userId}`);
    expect(served.body.data).toHaveLength(before.data.length + 1);
    for (const text of [...encodings, JSON.stringify(served.body)]) expect(text).not.toMatch(/of Anna/);
    // The log of later proves the same events by the same leaves.
    const [id] = before.data.map((each) => each.id);
    const { proof } = (await panel.call('GET', `/v1/audit/proofs?eventId=${id}`)).body;
    expect(proved(proof, policy).event).toEqual(proved(files[0] ?? null, policy).event);
    expect((await panel.call('GET', `${anna.path}/audit/proofs`)).status).toBe(404);
  });

  test('whoever gets the same ids is shown nothing of the one before', async () => {
    const { anna } = await twoPeople();
    expect((await panel.call('DELETE', anna.path)).status).toBe(204);
    expect((await panel.call('PUT', anna.path, {})).status).toBe(200);
    await sealAll();
    expect((await proofsOf(anna)).data.map(({ type }) => type)).toEqual(['com.sallyport.user.created']);
  });
});
