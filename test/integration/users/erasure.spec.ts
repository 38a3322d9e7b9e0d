import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLogger, loadKeys, type SigningKey } from '#runtime';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { KeptCheckpoints } from '../../../apps/audit-worker/src/kept-checkpoints.js';
import { CheckpointSigner } from '../../../apps/audit-worker/src/sign-checkpoints.js';
import { readCheckpoints, readLog, readVkeys, verifyLog } from '../../support/audit-export.js';
import { auditOrigin } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { startPanel, totp, wrongTotp, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';

let panel: TestPanel;
let key: SigningKey;
let state: Awaited<ReturnType<typeof auditState>>;
let signer: CheckpointSigner;
beforeAll(async () => {
  panel = await startPanel();
  key = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile }).checkpoint;
  state = await auditState();
  const logger = createLogger('audit-worker', { write: () => undefined });
  const kept = await KeptCheckpoints.open(state.path);
  signer = new CheckpointSigner({ database: panel.database, key, origin: auditOrigin, kept, logger });
});
afterAll(async () => {
  await panel.stop();
  await state.remove();
});

const sql = (text: string, values: unknown[] = []) => panel.sql(text, values);
const expecting = async (status: number, answer: Promise<Answer>) => {
  const { status: given, body } = await answer;
  expect({ given, code: body?.code }).toEqual({ given: status, code: status < 400 ? undefined : body?.code });
  return body;
};

/** Seals and signs all that has happened: other tests on the same server hold the horizon back for moments. */
async function sealed(): Promise<void> {
  for (;;) {
    await sealEvents(panel.database);
    const [row] = await sql(
      'select count(*)::int as n from event e where not exists (select from audit_entry n where n.event_id = e.id)',
    );
    if (row?.['n'] === 0) break;
    await sleep(50);
  }
  await signer.sign(true);
}

/** Tables with rows in which a text stands, anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await panel.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await sql(`select from "${name}" r where strpos(r::text, $1) > 0 limit 1`, [text]);
      return rows.length > 0 ? name : '';
    }),
  );
  return found.filter((name) => name !== '').toSorted();
}

/** A user of whom every table has something. */
async function liveALife(): Promise<EnrolledTotp & { deviceIds: string[] }> {
  const user = await panel.totpUser();
  const { path, accountId, userId, deviceId, secret } = user;
  const profile = { displayName: 'Wilhelmina', email: 'wilhelmina@panel.example', phone: '+31612349880' };
  await expecting(200, panel.call('PUT', path, profile));
  await expecting(
    200,
    panel.call('PUT', `/v1/accounts/${accountId}/policy`, { trustedBrowser: { allowed: true }, lockout: { free: 1 } }),
  );
  const deviceIds = [deviceId];
  for (const method of ['sms', 'email']) {
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const added = await expecting(
      201,
      panel.call('POST', `${path}/devices`, { method, name: `Device of Wilhelmina, ${method}` }, headers),
    );
    const code = await panel.sentCode(added.id);
    await expecting(200, panel.call('POST', `/v1/devices/${added.id}/verify`, { code }));
    deviceIds.push(added.id);
  }
  const context = { ip: '203.0.113.78', userAgent: 'Browser of Wilhelmina' };
  const open = async (more: object = {}) => {
    const body = { accountId, userId, context, ...more };
    return (await expecting(201, panel.call('POST', '/v1/challenges', body))).challenge.id as string;
  };
  const login = await open();
  await sql('update device set last_used_step = null where id = $1', [deviceId]);
  const remember = { deviceId, code: totp(secret), rememberBrowser: true };
  expect(await expecting(200, panel.call('POST', `/v1/challenges/${login}/verify`, remember))).toMatchObject({
    trustedBrowser: expect.any(String),
  });
  await open({ purpose: 'transaction', detail: 'Delete the server of Wilhelmina' });
  const guess = { deviceId, code: wrongTotp(secret) };
  await expecting(422, panel.call('POST', `/v1/challenges/${await open()}/verify`, guess));
  await sql(
    `insert into account_pattern_notice (user_id, noticed_at) select user_id, now() from device where id = $1`,
    [deviceId],
  );
  return { ...user, deviceIds };
}

test('erasing a user removes all that is personal, and the audit log still verifies', async () => {
  const user = await liveALife();
  const neighbour = await panel.totpUser();
  const [row] = await panel.sql<{ ref: string; key: Buffer }>(
    'select id as ref, event_key_sealed as key from app_user where external_id = $1',
    [user.userId],
  );
  const { ref = '', key: eventKey } = row ?? {};
  await sealed();
  const before = await readLog(sql, panel.tenantId);
  expect(before.filter(({ event }) => event.userId === user.userId && event.personal !== null).length).toBeGreaterThan(
    5,
  );

  // Every table that can tell of a user does: a new one has to be filled above.
  const columns = await panel.sql<{ table: string; column: string }>(
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = 'public' and column_name in ('user_id', 'user_ref') and table_name <> 'event'`,
  );
  const counts = async () =>
    Object.fromEntries(
      await Promise.all(
        columns.map(async ({ table, column }) => {
          const [found] = await panel.sql<{ n: number }>(
            `select count(*)::int as n from "${table}" where "${column}" = $1`,
            [ref],
          );
          return [table, (found?.n ?? 0) > 0] as const;
        }),
      ),
    );
  const tables = [...new Set(columns.map(({ table }) => table))];
  expect(tables).toEqual(expect.arrayContaining(['device', 'challenge', 'delivery', 'lockout', 'trusted_browser']));
  expect(await counts()).toEqual(Object.fromEntries(tables.map((table) => [table, true])));

  await expecting(204, panel.call('DELETE', user.path));
  await sealed();

  expect(await counts()).toEqual(Object.fromEntries(tables.map((table) => [table, false])));
  // Our id of the user stands in what has happened alone; the key that would open it stands nowhere.
  expect(await tablesWith(ref)).toEqual(['event']);
  expect(await tablesWith(eventKey?.toString('hex') ?? 'none')).toEqual([]);
  for (const text of ['Wilhelmina', '31612349880', '203.0.113.78']) expect(await tablesWith(text)).toEqual([]);
  for (const id of user.deviceIds) {
    expect(await tablesWith(id)).toEqual(expect.not.arrayContaining(['device', 'delivery', 'trusted_browser']));
    expect((await panel.call('GET', `/v1/devices/${id}`)).status).toBe(404);
  }

  // What was sealed before is what it was, with one entry more, and signed.
  const after = await readLog(sql, panel.tenantId);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.slice(before.length).map(({ event }) => event.type)).toEqual(['user.erased']);
  const notes = (await readCheckpoints(sql, panel.tenantId)).map(({ note }) => note);
  const vkeys = await readVkeys(sql, panel.tenantId);
  expect(verifyLog(panel.tenantId, after, notes, vkeys)).toMatchObject({
    ok: true,
    size: after.length,
    vouchedFor: after.length,
  });
  const { data } = (await panel.call('GET', `/v1/audit/events?userId=${user.userId}&limit=500`)).body;
  expect(data.length).toBeGreaterThan(10);
  expect(data.filter((event: { data: object }) => 'personal' in event.data)).toEqual([]);
  expect((await panel.call('GET', neighbour.path)).body.twoFactor.status).toBe('enabled');
});
