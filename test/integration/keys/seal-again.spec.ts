import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Sealer, type Database, type KeyRing } from '#persistence';
import { loadKeys } from '#runtime';
import { retireKey } from '../../../apps/standalone/src/key-rotation/retire-key.js';
import { keyUses, sealAgain } from '../../../apps/standalone/src/key-rotation/seal-again.js';
import { columnsOf, sealedColumns, type SealedRow } from '../../../apps/standalone/src/key-rotation/sealed-columns.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { sealedValues } from '../../support/sealed-values.js';

/** T23: values are sealed under another key while somebody works with them, and none is lost. */
let panel: TestPanel;
let former: string;
let ring: KeyRing;
const fresh = 's-fresh';

beforeAll(async () => {
  panel = await startPanel();
  const { sealing } = loadKeys(['sealing'], { SALLYPORT_KEYS: panel.keyFile });
  former = sealing.active;
  ring = { active: fresh, keys: new Map([...sealing.keys, [fresh, randomBytes(32)]]) };
  for (const make of Object.values(sealedValues(panel))) await make();
  // As each process does that starts with these keys.
  await panel.sql(
    `insert into known_key (kind, id, fingerprint, used_since)
     values ('sealing', $1, '\\x00', now()), ('sealing', $2, '\\x01', now())`,
    [former, fresh],
  );
});
afterAll(() => panel.stop());

const run = (over: Partial<Parameters<typeof sealAgain>[0]> = {}) =>
  sealAgain({ database: panel.database, kind: 'sealing', ring, say: () => undefined, ...over });
const valuesUnder = async (id: string) =>
  (await keyUses(panel.database, 'sealing')).filter(({ keyId }) => keyId === id).reduce((n, use) => n + use.values, 0);
const retire = () =>
  retireKey({ database: panel.database, url: panel.databaseUrl, kind: 'sealing', active: fresh, id: former });

/** A database that does something before it runs the first statement of this name. */
function before(name: string, work: () => Promise<unknown>): Database {
  let done = false;
  return new Proxy(panel.database, {
    get(target, field) {
      const value = Reflect.get(target, field) as unknown;
      if (typeof value !== 'function') return value;
      return async (...args: [{ readonly name?: string }]) => {
        if (!done && args[0]?.name === name) {
          done = true;
          await work();
        }
        return value.apply(target, args) as unknown;
      };
    },
  });
}

describe('sealing existing values under another key', () => {
  test('the catalogue has each sealed column of the database', async () => {
    const columns = await panel.sql<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and column_name like '%\\_sealed' order by 1`,
    );
    const listed = sealedColumns.map(({ table, column }) => `${table}.${column}`);
    expect(columns.map(({ name }) => name)).toEqual([...listed, 'event.personal_sealed'].toSorted());
  });

  test('while anything is under the former key, it is not retired', async () => {
    const total = await valuesUnder(former);
    await expect(retire()).rejects.toThrow(`${total} values are still sealed under the sealing key "${former}"`);
    expect(await panel.sql('select from known_key where retired_at is not null')).toEqual([]);
  });

  test('broken off in the middle, it has done some, and the next run does the rest', async () => {
    const total = await valuesUnder(former);
    const stop = new AbortController();
    const first = await run({ signal: stop.signal, say: () => stop.abort() });
    expect(first.sealed).toBeGreaterThan(0);
    expect(first.sealed).toBeLessThan(total);
    expect(await valuesUnder(fresh)).toBe(first.sealed);
    const database = before('write-sealed-anew.device-secret-sealed', () => Promise.reject(new Error('cut off')));
    await expect(run({ database })).rejects.toThrow('cut off');
    const rest = await valuesUnder(former);
    expect(rest).toBeLessThan(total - first.sealed);
    expect(await run()).toEqual({ sealed: rest, left: 0, unreadable: [] });
    expect(await valuesUnder(fresh)).toBe(total);
  });

  test('each opens under the new key alone, in its own row', async () => {
    const sealer = new Sealer({ active: fresh, keys: new Map([[fresh, ring.keys.get(fresh) ?? Buffer.of()]]) });
    for (const column of columnsOf('sealing')) {
      const key = column.table === 'idempotent_answer' ? `encode(key, 'hex')` : 'id';
      const owner = {
        device: 'tenant_id as "tenantId", null as "deviceId"',
        delivery: 'tenant_id as "tenantId", device_id as "deviceId"',
      }[column.table];
      const rows = await panel.sql<SealedRow & { sealed: Buffer }>(
        `select ${key} as id${owner ? `, ${owner}` : ''}, ${column.column} as sealed
         from ${column.table} where ${column.column} is not null`,
      );
      expect({ column: column.column, rows: rows.length }).not.toMatchObject({ rows: 0 });
      for (const row of rows)
        expect(sealer.open(column.purpose, column.bound(row), row.sealed).length).toBeGreaterThan(0);
    }
  });

  test('a value that does not open stays as it is and is named, and keeps its key from being retired', async () => {
    const user = await panel.user();
    const [row] = await panel.sql<{ id: string; sealed: Buffer }>(
      'select id, profile_sealed as sealed from app_user where external_id = $1',
      [user.userId],
    );
    const { sealed = Buffer.of(), id } = row ?? {};
    const damaged = Buffer.concat([sealed.subarray(0, -1), Buffer.of((sealed.at(-1) ?? 0) ^ 1)]);
    await panel.sql('update app_user set profile_sealed = $2 where id = $1', [id, damaged]);
    expect(await run()).toMatchObject({ left: 0, unreadable: [`app_user.profile_sealed ${id}`] });
    await expect(retire()).rejects.toThrow('app_user.profile_sealed: 1');
    await panel.sql('update app_user set profile_sealed = $2 where id = $1', [id, sealed]);
    expect(await run()).toEqual({ sealed: 1, left: 0, unreadable: [] });
  });
});

describe('what somebody writes meanwhile', () => {
  test('between reading and writing a value stays, and is sealed anew by the next pass', async () => {
    const user = await panel.user(undefined, { displayName: 'Before' });
    const change = async () =>
      expect((await panel.call('PUT', user.path, { displayName: 'Changed meanwhile' })).status).toBe(200);
    const database = before('write-sealed-anew.app-user-profile-sealed', change);
    expect(await run({ database })).toMatchObject({ left: 0, unreadable: [] });
    expect(await valuesUnder(former)).toBe(0);
    // The gateway of this test has the former key only: it reads what it wrote once that is back under it.
    expect(await profileOf(user.userId)).toMatchObject({ displayName: 'Changed meanwhile' });
  });

  test('in a transaction that is still open holds nobody up, and stays', async () => {
    const user = await panel.user(undefined, { displayName: 'Before' });
    const sealer = new Sealer({ ...ring, active: former });
    const [{ id = '' } = {}] = await panel.sql<{ id: string }>('select id from app_user where external_id = $1', [
      user.userId,
    ]);
    const client = new pg.Client({ connectionString: panel.databaseUrl });
    await client.connect();
    await client.query('begin');
    const profile = JSON.stringify({ displayName: 'Written slowly', email: null, phone: null });
    await client.query('update app_user set profile_sealed = $2 where id = $1', [
      id,
      sealer.seal('profile', id, profile),
    ]);
    const other = await panel.user(undefined, { displayName: 'Other' });
    const running = run();
    // The other one is done while this one is held.
    while ((await keyOf(other.userId)) !== fresh) await new Promise((done) => setTimeout(done, 20));
    expect(await keyOf(user.userId)).toBe(former);
    await client.query('commit');
    await client.end();
    expect(await running).toMatchObject({ left: 0, unreadable: [] });
    expect(await profileOf(user.userId)).toMatchObject({ displayName: 'Written slowly' });
  });

  async function keyOf(userId: string): Promise<string> {
    const [row] = await panel.sql<{ sealed: Buffer }>(
      'select profile_sealed as sealed from app_user where external_id = $1',
      [userId],
    );
    const sealed = row?.sealed ?? Buffer.of(0, 0);
    return sealed.subarray(2, 2 + (sealed[1] ?? 0)).toString();
  }

  async function profileOf(userId: string): Promise<unknown> {
    const [row] = await panel.sql<{ id: string; sealed: Buffer }>(
      'select id, profile_sealed as sealed from app_user where external_id = $1',
      [userId],
    );
    return JSON.parse(new Sealer(ring).openText('profile', row?.id ?? '', row?.sealed ?? Buffer.of()));
  }
});

describe('once nothing is under the former key', () => {
  test('a process that still seals under it is refused by the database, and everyone’s log says that it was replaced', async () => {
    const user = await panel.user();
    await run();
    expect(await valuesUnder(former)).toBe(0);
    await retire();
    const [known] = await panel.sql<{ retired: boolean }>(
      `select retired_at is not null as retired from known_key where kind = 'sealing' and id = $1`,
      [former],
    );
    expect(known).toEqual({ retired: true });
    const told = await panel.sql<{ tenants: number; data: object }>(
      `select count(distinct tenant_id)::int as tenants, data from event where type = 'key.rotated' group by data`,
    );
    const [{ n } = { n: 0 }] = await panel.sql<{ n: number }>('select count(*)::int as n from tenant');
    expect(told).toEqual([
      {
        tenants: n,
        data: { kind: 'sealing', keyId: fresh, formerKeyId: former, usedSince: expect.stringMatching(/^\d{4}-.*Z$/) },
      },
    ]);
    // The gateway of this test was forgotten: to it, the former key is the active one.
    expect((await panel.call('PUT', `${user.path}-late`, { displayName: 'Late' })).status).toBe(503);
    expect(await valuesUnder(former)).toBe(0);

    // Again, it does nothing twice.
    await retire();
    const [{ events } = { events: 0 }] = await panel.sql<{ events: number }>(
      `select count(*)::int as events from event where type = 'key.rotated'`,
    );
    expect(events).toBe(n);
  });
});
