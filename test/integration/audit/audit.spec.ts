import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { noWitness, openCheckpoint, parseVkey } from '#audit-log';
import { newId } from '#contracts';
import { assertMigrated, Database, declaredStatements } from '#persistence';
import { createLogger, type RunningApp } from '#runtime';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { batchSize } from '../../../apps/audit-worker/src/seal-events.sql.js';
import { KeptCheckpoints } from '../../../apps/audit-worker/src/kept-checkpoints.js';
import { LogKeys } from '../../../apps/audit-worker/src/log-keys.js';
import { CheckpointSigner } from '../../../apps/audit-worker/src/sign-checkpoints.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import {
  exportOf,
  readCheckpoints as readSigned,
  readLog as readEntries,
  verifyLog,
} from '../../support/audit-export.js';
import { tamper } from '../../support/tamper.js';
import { auditOrigin, startAuditWorker } from '../../support/apps.js';

const pair = generateKeyPairSync('ed25519');
const checkpointKey = { id: 'c-test', privateKey: pair.privateKey };
const keys = new LogKeys(auditOrigin, checkpointKey);
let lines: string[] = [];
const logger = createLogger('audit-worker', { write: (line) => void lines.push(line) });
/** What is no news of the work itself. */
const faults = () => lines.filter((line) => !line.includes('"level":30'));

let shared: TestDatabase;
let database: Database;
let pool: pg.Pool;
let state: Awaited<ReturnType<typeof auditState>>;
let signer: CheckpointSigner;

beforeAll(async () => {
  shared = await createTestDatabase();
  database = shared.database;
  await assertMigrated(database);
});
afterAll(() => shared.close());

beforeEach(async () => {
  lines = [];
  // `database` is one connection pool for all tests of this file, and these writers are others, as a gateway would be.
  pool = new pg.Pool({ connectionString: shared.url, max: 20 });
  pool.on('error', () => undefined);
  await tamper(
    shared.url,
    'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key, unsealable_event, tenant cascade',
  );
  await pool.query(`insert into tenant (id, name) values ('tnt_1', 'one'), ('tnt_2', 'two')`);
  state = await auditState();
  signer = await openSigner();
  await pool.query(
    `update audit_cursor set tx = '0', cluster = (select system_identifier::text from pg_control_system())`,
  );
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await Promise.all(clients.splice(0).map((each) => each.end()));
  await pool.end();
  await state.remove();
});

// Closed even where a test fails, or the next ones would wait for its locks.
const running: RunningApp[] = [];
const opened: Database[] = [];
const clients: pg.Client[] = [];

async function openTransaction(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: shared.url });
  clients.push(client);
  await client.connect();
  await client.query('begin');
  return client;
}

/** As a process of its own opens it. */
async function openAnother(): Promise<Database> {
  const another = Database.open({ url: shared.url, poolSize: 2, onError: () => undefined });
  opened.push(another);
  await assertMigrated(another);
  return another;
}

/** As a worker does when it starts: it knows what was kept, and nothing else. */
async function openSigner(key = checkpointKey, folder = state.path): Promise<CheckpointSigner> {
  return new CheckpointSigner({ database, key, origin: auditOrigin, kept: await KeptCheckpoints.open(folder), logger });
}

async function startWorker(on: Database) {
  const worker = await startAuditWorker({ database: on, logger, checkpointKey, stateDir: state.path });
  running.push(worker);
  return worker;
}

interface Inserted {
  readonly tenantId?: string;
  readonly time?: string;
  readonly tx?: string;
  readonly personal?: Buffer;
}

/** Writes events as a gateway does: in one transaction with a fact. */
async function insertEvents(client: pg.Pool | pg.ClientBase, count: number, more: Inserted = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('event'));
  await client.query(
    `insert into event (id, tenant_id, type, account_id, user_id, request_id, data, personal_sealed, time, tx)
     select id, $2, 'challenge.approved', 'account-1', null, 'req_1', jsonb_build_object('n', n, 'amr', '["otp"]'::jsonb),
       $3, coalesce($4::timestamptz, clock_timestamp()), coalesce($5::xid8, pg_current_xact_id())
     from unnest($1::text[]) with ordinality as e(id, n)`,
    [ids, more.tenantId ?? 'tnt_1', more.personal ?? null, more.time ?? null, more.tx ?? null],
  );
  return ids;
}

const sql = async (text: string, values: unknown[]) => (await pool.query(text, values)).rows;
const readLog = (tenantId = 'tnt_1') => readEntries(sql, tenantId);
const readCheckpoints = (tenantId = 'tnt_1') => readSigned(sql, tenantId);

async function verify(tenantId = 'tnt_1', notes?: readonly string[]) {
  const checkpoints = notes ?? (await readCheckpoints(tenantId)).map(({ note }) => note);
  return verifyLog(tenantId, await readLog(tenantId), checkpoints, keys.of(tenantId).vkeys);
}

/** What is final, and again: what is not final yet stays. */
async function sealFinal(): Promise<void> {
  for (let n = 0; n < 4; n += 1) await sealEvents(database);
}

const cursorRow = async () =>
  (
    await pool.query<{ tx: string; here: boolean }>(
      'select tx::text, cluster = (select system_identifier::text from pg_control_system()) as here from audit_cursor',
    )
  ).rows[0];

/** Seals until nothing is left: other tests write on the same server, and hold the horizon back for moments. */
async function sealAll(): Promise<number> {
  let total = 0;
  for (const until = Date.now() + 30_000; (await unsealedCount()) > 0; await sleep(5)) {
    if (Date.now() > until) throw new Error(`${await unsealedCount()} events were never sealed.`);
    total += (await sealEvents(database)).sealed;
  }
  return total;
}

async function unsealedCount(): Promise<number> {
  const found = await pool.query(
    'select count(*)::int as n from event e where not exists (select from audit_entry a where a.event_id = e.id)',
  );
  return found.rows[0].n as number;
}

async function untilSealed(): Promise<void> {
  for (const until = Date.now() + 30_000; (await unsealedCount()) > 0; await sleep(20)) {
    if (Date.now() > until) throw new Error(`${await unsealedCount()} events were never sealed.`);
  }
}

/** 16 writers whose transactions last differently long and end in another order than they began; some are rolled back. */
async function writeAtOnce(each: number, afterOne: () => void): Promise<string[]> {
  const written: string[] = [];
  const writer = async (number: number) => {
    const client = await pool.connect();
    try {
      for (let turn = 0; turn < each; turn += 1) {
        await client.query('begin');
        const tenantId = `tnt_${1 + (number % 2)}`;
        const ids = await insertEvents(client, 1 + randomInt(3), { tenantId });
        await sleep(randomInt(turn % 7 === 0 ? 120 : 8));
        ids.push(...(await insertEvents(client, 1, { tenantId })));
        const roll = randomInt(10) === 0;
        await client.query(roll ? 'rollback' : 'commit');
        if (!roll) written.push(...ids);
        afterOne();
      }
    } finally {
      client.release();
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, number) => writer(number)));
  return written;
}

async function expectSealedOnce(written: readonly string[]): Promise<void> {
  const entries = [...(await readLog('tnt_1')), ...(await readLog('tnt_2'))];
  expect(entries.map((entry) => entry.event.id).toSorted()).toEqual(written.toSorted());
  for (const tenantId of ['tnt_1', 'tnt_2']) {
    const indexes = (await readLog(tenantId)).map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, n) => n));
    expect(await verify(tenantId)).toMatchObject({ ok: true, vouchedFor: indexes.length });
  }
}

describe('a transaction of another database of the cluster', () => {
  /** With an id of its own, as one that writes. */
  async function openElsewhere(): Promise<pg.Client> {
    const url = new URL(shared.url);
    url.pathname = '/postgres';
    const client = new pg.Client({ connectionString: url.href });
    clients.push(client);
    await client.connect();
    await client.query('begin');
    await client.query('select pg_current_xact_id()');
    return client;
  }

  test('that stays open does not stop the sealing here', async () => {
    const elsewhere = await openElsewhere();
    const sub = await openElsewhere();
    await sub.query('savepoint s');
    await sub.query('create temporary table t (id int)');
    const written = await insertEvents(pool, 3);
    await sealAll();
    expect((await readLog()).map((entry) => entry.event.id).toSorted()).toEqual(written.toSorted());
    await elsewhere.query('commit');
    await sub.query('rollback');
    written.push(...(await insertEvents(pool, 2)));
    await sealAll();
    expect((await readLog()).map((entry) => entry.event.id).toSorted()).toEqual(written.toSorted());
  });

  test('that come and go make the sealer pass over nothing', async () => {
    const elsewhere = await Promise.all(Array.from({ length: 8 }, openElsewhere));
    let running = true;
    const busy = elsewhere.map(async (client) => {
      while (running) await client.query('commit; begin; select pg_current_xact_id()');
    });
    const written: string[] = [];
    for (let round = 0; round < 150; round += 1) {
      written.push(...(await insertEvents(pool, 2)));
      await sealAll();
    }
    running = false;
    await Promise.all(busy);
    await sealAll();
    expect((await readLog()).map((entry) => entry.event.id).toSorted()).toEqual(written.toSorted());
  });

  test('that ends while events are sealed does not take what the sealer itself writes from its sight', async () => {
    const sealing = await openTransaction();
    const { rows } = await sealing.query('select pg_current_xact_id()::text as own');
    const elsewhere = await openElsewhere();
    await elsewhere.query('commit');
    const text = declaredStatements.get('read-unsealed-events')?.text ?? '';
    const [{ horizon }] = (await sealing.query(text, ['0'])).rows;
    expect(BigInt(horizon)).toBeLessThanOrEqual(BigInt(rows[0].own));
  });

  test('is known as one by the role of the audit worker too, and one of this database holds the sealing back', async () => {
    await openElsewhere();
    await insertEvents(pool, 3);
    const here = await openTransaction();
    await insertEvents(here, 1);
    await insertEvents(pool, 2);
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('set local role sallyport_audit_worker');
      const text = declaredStatements.get('read-unsealed-events')?.text ?? '';
      // Other tests write on the same server for moments, in databases of their own.
      let found = (await client.query(text, ['0'])).rows;
      for (let left = 100; found.length < 3 && left > 0; left -= 1) {
        await sleep(20);
        found = (await client.query(text, ['0'])).rows;
      }
      expect(found.filter(({ id }) => id !== null)).toHaveLength(3);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('sealing while 16 writers write', () => {
  test.each([1, 2])('seals every event once, in a gapless log that verifies: %d sealer(s)', async (sealers) => {
    const others = await Promise.all(Array.from({ length: sealers - 1 }, openAnother));
    const workers = await Promise.all([database, ...others].map(startWorker));
    const written = await writeAtOnce(25, () => workers[randomInt(sealers)]?.wake());
    await untilSealed();
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(faults()).toEqual([]);
    // At info, which is where the level stands: a login can be followed by its request.
    const told = lines.map((line) => JSON.parse(line));
    expect(told).toContainEqual(expect.objectContaining({ msg: 'events sealed', requestIds: ['req_1'] }));
    await expectSealedOnce(written);
  });

  test('goes on after its connections were cut in the middle', async () => {
    const own = await openAnother();
    const worker = await startWorker(own);
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'sallyport'`;
    let turns = 0;
    const written = await writeAtOnce(25, () => {
      if ((turns += 1) % 15 === 0) void pool.query(cut);
    });
    await untilSealed();
    await worker.stop();
    await expectSealedOnce(written);
  });
});

describe('what is final', () => {
  test('an event is not sealed before older transactions have ended, and none is skipped', async () => {
    const slow = await openTransaction();
    const [late] = await insertEvents(slow, 1);
    const [early] = await insertEvents(pool, 1);
    await sealFinal();
    expect(await readLog()).toEqual([]);
    await slow.query('commit');
    await sealAll();
    expect((await readLog()).map((entry) => entry.event.id)).toEqual([late, early]);
  });

  test('a transaction with more events than a batch is sealed whole', async () => {
    const ids = await insertEvents(pool, 2 * batchSize + 1);
    const more = await insertEvents(pool, 1);
    expect(await sealAll()).toBe(2 * batchSize + 2);
    expect((await readLog()).map((entry) => entry.event.id).toSorted()).toEqual([...ids, ...more].toSorted());
    expect(await verify()).toMatchObject({ ok: true });
  });

  test('nothing is written where there is nothing to seal', async () => {
    await insertEvents(pool, 1);
    await sealAll();
    // PostgreSQL notes a change, and a lock, in these columns of the row.
    const trace = async () => (await pool.query('select ctid, xmin, xmax, * from audit_cursor')).rows[0] as object;
    const before = await trace();
    for (let n = 0; n < 5; n += 1) expect(await sealEvents(database)).toMatchObject({ sealed: 0, more: false });
    expect(await trace()).toEqual(before);
  });

  test('a missing cursor is said in words', async () => {
    await pool.query('delete from audit_cursor');
    await expect(sealEvents(database)).rejects.toThrow('audit_cursor');
    await pool.query(`insert into audit_cursor (id, tx) values (1, '0')`);
  });
});

describe('a database restored into another cluster, whose transaction ids start anew', () => {
  const farAhead = '9000000000000';

  /** What a restore leaves: events and a cursor of the former cluster, `sealed` of them in the log. */
  async function restored(cursor: string): Promise<{ sealed: string[]; open: string[] }> {
    const sealed = await insertEvents(pool, 3, { tx: farAhead });
    await pool.query(`update audit_cursor set tx = $1::xid8, cluster = 'one before'`, [farAhead]);
    await sealAll();
    const open = await insertEvents(pool, 2, { tx: '9000000000001' });
    await pool.query(`update audit_cursor set tx = $1::xid8, cluster = 'the former one'`, [cursor]);
    return { sealed, open };
  }

  test('with the cursor beyond what this cluster has reached', async () => {
    const { sealed, open } = await restored(farAhead);
    const fresh = await insertEvents(pool, 2);
    expect(await sealAll()).toBe(4);
    const log = await readLog();
    expect(
      log
        .map((entry) => entry.event.id)
        .slice(0, 3)
        .toSorted(),
    ).toEqual(sealed.toSorted());
    expect(
      log
        .map((entry) => entry.event.id)
        .slice(3)
        .toSorted(),
    ).toEqual([...open, ...fresh].toSorted());
    expect(await verify()).toMatchObject({ ok: true, size: 7 });
    await insertEvents(pool, 1);
    expect(await sealAll()).toBe(1);
  });

  test('with this cluster already past the cursor, and events written below it', async () => {
    await pool.query('select pg_current_xact_id()');
    const written = await insertEvents(pool, 2, { tx: '5' });
    await restored('700');
    expect(await sealAll()).toBeGreaterThanOrEqual(2);
    const ids = (await readLog()).map((entry) => entry.event.id);
    expect(ids).toEqual(expect.arrayContaining(written));
    expect(await unsealedCount()).toBe(0);
    expect(await verify()).toMatchObject({ ok: true });
  });

  test('while a transaction is writing, whose events come after the change', async () => {
    await restored(farAhead);
    const slow = await openTransaction();
    await insertEvents(slow, 1);
    await sealFinal();
    await slow.query('commit');
    await sealAll();
    expect(await unsealedCount()).toBe(0);
    expect(await verify()).toMatchObject({ ok: true, size: 6 });
  });

  test('with more unsealed events than a batch: the cursor stays until the last of them', async () => {
    const { sealed, open } = await restored(farAhead);
    const later = await insertEvents(pool, batchSize, { time: '2026-01-02', tx: '9000000000002' });
    const earlier = await insertEvents(pool, batchSize, { time: '2026-01-01', tx: '9000000000003' });
    for (const left of [batchSize + open.length, open.length]) {
      expect(await sealEvents(database)).toMatchObject({ sealed: batchSize, more: true });
      expect(await unsealedCount()).toBe(left);
      expect(await cursorRow()).toMatchObject({ tx: farAhead, here: false });
    }
    expect(await sealEvents(database)).toMatchObject({ sealed: open.length, more: false });
    const after = await cursorRow();
    expect(after?.here).toBe(true);
    expect(BigInt(after?.tx ?? 0)).toBeLessThan(BigInt(farAhead));
    const log = (await readLog()).map((entry) => entry.event.id);
    expect(log.slice(3, -open.length)).toEqual([...earlier.toSorted(), ...later.toSorted()]);
    expect(log.slice(0, 3).toSorted()).toEqual(sealed.toSorted());
    expect(log.slice(-open.length).toSorted()).toEqual(open.toSorted());
    expect(await verify()).toMatchObject({ ok: true });
    // No event was touched.
    const kept = await pool.query('select count(*)::int as n from event where tx >= $1::xid8', [farAhead]);
    expect(kept.rows[0].n).toBe(log.length);
  });

  test('while 16 writers write and two sealers seal: every event once', async () => {
    const restoredEvents = await insertEvents(pool, 2 * batchSize, { tx: '9000000000001' });
    await pool.query(`update audit_cursor set tx = $1::xid8, cluster = 'the former one'`, [farAhead]);
    const workers = await Promise.all([database, await openAnother()].map(startWorker));
    const written = await writeAtOnce(25, () => workers[randomInt(2)]?.wake());
    await untilSealed();
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(faults()).toEqual([]);
    await expectSealedOnce([...restoredEvents, ...written]);
    expect(await cursorRow()).toMatchObject({ here: true });
  });

  test('an event of a transaction that runs at the change, and one that begins before it and writes after, are sealed', async () => {
    await restored(farAhead);
    const [writing, waiting] = [await openTransaction(), await openTransaction()];
    await insertEvents(writing, 1);
    await waiting.query('select 1');
    // Newer than the running one, and seen at the change.
    await insertEvents(pool, 1);
    await sealFinal();
    expect(await cursorRow()).toMatchObject({ here: true });
    expect(await readLog()).toHaveLength(6);
    await insertEvents(waiting, 1);
    await waiting.query('commit');
    await writing.query('commit');
    expect(await sealAll()).toBe(2);
    expect(await verify()).toMatchObject({ ok: true, size: 8 });
  });

  test('is noticed by a cursor ahead of everything alone, where the cluster kept its name', async () => {
    await insertEvents(pool, 2);
    await pool.query(
      `update audit_cursor set tx = $1::xid8, cluster = (select system_identifier::text from pg_control_system())`,
      [farAhead],
    );
    expect(await sealAll()).toBe(2);
  });
});

describe('T20: whoever has the database', () => {
  /** What left it: the file that the audit worker keeps. */
  let kept: string;

  beforeEach(async () => {
    await insertEvents(pool, 10, { personal: Buffer.from('sealed') });
    await sealAll();
    await signer.sign();
    kept = join(state.path, 'tnt_1.checkpoint');
    expect(await verdict()).toEqual({ status: 0, reason: undefined });
  });

  /** What the command for auditors says of what the database has now. */
  async function verdict(): Promise<object> {
    const exported = join(state.path, 'export.ndjson');
    const vkeys = join(state.path, 'vkeys');
    await writeFile(exported, exportOf(await readLog()));
    await writeFile(vkeys, `${keys.of('tnt_1').vkeys.join('\n')}\n`);
    const main = join(import.meta.dirname, '../../../dist/libs/audit-log/src/command/main.js');
    const args = [main, exported, '--checkpoints', kept, '--keys', vkeys, '--json'];
    return new Promise((done) => {
      execFile(process.execPath, args, (error, stdout) => {
        const { reason, index } = JSON.parse(stdout) as { reason?: string; index?: number };
        done({ status: error?.code ?? 0, reason, ...(reason && { index }) });
      });
    });
  }

  const at = (sequence: number) =>
    `(select event_id from audit_entry where tenant_id = 'tnt_1' and sequence = ${sequence})`;
  const bad = (index: number, reason: string) => ({ status: 1, reason, index });

  test.each([
    ['the data', `data = data || '{"n": 99}'`],
    ['the type', `type = 'challenge.rejected'`],
    ['the time, by a microsecond', `time = time + interval '1 microsecond'`],
    ['the account', `account_id = 'account-2'`],
    ['the user', `user_id = 'user-1'`],
    ['whose key opens the sealed part', `user_ref = 'usr_2'`],
    ['the transaction', `tx = '3'`],
    ['the request', `request_id = null`],
    ['the sealed part', `personal_sealed = 'other'`],
    ['the tenant', `tenant_id = 'tnt_2'`],
  ])('cannot change %s of an event unseen', async (_, change) => {
    await tamper(shared.url, `update event set ${change} where id = ${at(4)}`);
    expect(await verdict()).toEqual(bad(3, 'event_changed'));
  });

  test('cannot remove, swap or insert entries unseen', async () => {
    const change = (sql: string) => tamper(shared.url, sql);
    await change(`update audit_entry set sequence = 100 where sequence = 3`);
    await change(`update audit_entry set sequence = 3 where sequence = 7`);
    await change(`update audit_entry set sequence = 7 where sequence = 100`);
    // Each fits itself, and so only the checkpoint tells.
    expect(await verdict()).toEqual(bad(0, 'tree_differs'));
    await change(`delete from audit_entry where sequence = 2`);
    expect(await verdict()).toEqual(bad(1, 'entries_missing'));
    const [id] = await insertEvents(pool, 1);
    await pool.query('insert into audit_entry (tenant_id, sequence, event_id, leaf_hash) values ($1, 2, $2, $3)', [
      'tnt_1',
      id,
      Buffer.alloc(32),
    ]);
    expect(await verdict()).toEqual(bad(1, 'event_changed'));
  });

  test('cannot cut the tail off unseen, if a checkpoint was exported', async () => {
    await tamper(shared.url, 'delete from audit_entry where sequence > 6');
    expect(await verdict()).toEqual(bad(6, 'tail_cut'));
  });

  test("cannot have the whole log rewritten by our own sealer, and signed with yesterday's key, unseen, if a checkpoint was exported", async () => {
    await tamper(shared.url, `update event set type = 'challenge.rejected' where id = ${at(4)}`);
    await tamper(
      shared.url,
      'truncate audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key',
    );
    await pool.query(`update audit_cursor set tx = '0'`);
    await sealAll();
    const elsewhere = await auditState();
    expect(await (await openSigner(checkpointKey, elsewhere.path)).sign()).toBe(1);
    await elsewhere.remove();
    expect(await verify()).toMatchObject({ ok: true, size: 10, vouchedFor: 10 });
    expect(await verdict()).toEqual(bad(0, 'tree_differs'));
  });
});

describe('checkpoints', () => {
  const sizes = async (tenantId?: string) => (await readCheckpoints(tenantId)).map(({ size }) => size);
  const age = (interval: string) =>
    tamper(shared.url, `update audit_checkpoint set signed_at = signed_at - interval '${interval}'`);

  test('are signed every ten seconds for logs that have grown, once a day for the others', async () => {
    await insertEvents(pool, 2);
    await sealAll();
    expect(await signer.sign()).toBe(1);
    expect(await signer.sign()).toBe(0);
    await insertEvents(pool, 1);
    await insertEvents(pool, 1, { tenantId: 'tnt_2' });
    await sealAll();
    expect(await signer.sign()).toBe(1);
    expect(await sizes()).toEqual([2]);
    expect(await sizes('tnt_2')).toEqual([1]);
    await age('11 seconds');
    expect(await signer.sign()).toBe(1);
    expect(await sizes()).toEqual([2, 3]);
    await age('23 hours');
    expect(await signer.sign(true)).toBe(0);
    await age('1 hour');
    expect(await signer.sign()).toBe(2);
    expect(await sizes()).toEqual([2, 3, 3]);
    expect(await sizes('tnt_2')).toEqual([1, 1]);
    expect(await signer.sign(true)).toBe(0);
    expect(await verify()).toMatchObject({ ok: true, vouchedFor: 3 });
  });

  test('tell from when to when what they cover happened, and leave the database by file and by log', async () => {
    await insertEvents(pool, 1, { time: '2026-01-02T00:00:00Z' });
    await insertEvents(pool, 1, { time: '2026-01-01T00:00:00Z' });
    await sealAll();
    await signer.sign();
    await insertEvents(pool, 1, { time: '2026-01-03T00:00:00Z' });
    await sealAll();
    await signer.sign(true);
    await age('1 day');
    await signer.sign();
    const signed = await readCheckpoints();
    const day = (n: number) => new Date(`2026-01-0${n}T00:00:00Z`);
    expect(signed.map(({ size, oldest, newest }) => [size, oldest, newest])).toEqual([
      [2, day(1), day(2)],
      [3, day(3), day(3)],
      [3, null, null],
    ]);
    const told = lines.map((line) => JSON.parse(line)).flatMap(({ checkpoint }) => checkpoint ?? []);
    expect(told).toEqual(signed.map(({ note }) => note));
    expect(await readFile(join(state.path, 'tnt_1.checkpoint'), 'utf8')).toBe(signed.at(-1)?.note);
    const { rows } = await pool.query<{ vkey: string }>('select vkey from audit_key where tenant_id = $1', ['tnt_1']);
    const vkeys = rows.map(({ vkey }) => vkey);
    expect(vkeys.toSorted()).toEqual(keys.of('tnt_1').vkeys.toSorted());
    const { head, signatures } = openCheckpoint(signed[0]?.note ?? '', {
      logs: vkeys.map(parseVkey),
      quorum: noWitness,
    });
    expect(head).toMatchObject({ origin: 'sallyport.test/audit/tnt_1', size: 2, root: signed[0]?.root });
    const [second] = signed.map(({ signedAt }) => Math.floor(Date.parse(signedAt) / 1000) + 86_400);
    expect(signatures.map(({ seconds }) => seconds)).toEqual([null, second]);
  });

  test('come sooner after 1,000 events', async () => {
    await insertEvents(pool, 1);
    await sealAll();
    await signer.sign();
    await insertEvents(pool, 999);
    await sealAll();
    expect(await signer.sign()).toBe(0);
    await insertEvents(pool, 1);
    await sealAll();
    expect(await signer.sign()).toBe(1);
    expect(await sizes()).toEqual([1, 1001]);
    expect(await verify()).toMatchObject({ ok: true, vouchedFor: 1001 });
  });

  test('are signed once by many signers at once', async () => {
    await insertEvents(pool, 1);
    await sealAll();
    const signers = await Promise.all(Array.from({ length: 8 }, () => openSigner()));
    const signed = await Promise.all(signers.map((each) => each.sign()));
    expect(signed.reduce((sum, each) => sum + each)).toBe(1);
  });

  test('close what a worker leaves behind when it stops', async () => {
    const worker = await startWorker(database);
    await insertEvents(pool, 1);
    await untilSealed();
    const ids = await insertEvents(pool, 5);
    // A transaction of another test on this server can hold the horizon back, and a stop does not wait for that.
    const final = 'select bool_and(tx < pg_snapshot_xmin(pg_current_snapshot())) as final from event';
    while (!(await pool.query<{ final: boolean }>(final)).rows[0]?.final) await sleep(10);
    await worker.stop();
    expect(await readLog()).toHaveLength(1 + ids.length);
    expect(await verify()).toMatchObject({ ok: true, vouchedFor: 6 });
  });
});
