import { generateKeyPairSync, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import pg from 'pg';
import { newId } from '#contracts';
import { assertMigrated, Database } from '#persistence';
import { createLogger, type RunningApp } from '#runtime';
import { sealEvents } from '../../apps/audit-worker/src/seal-events.js';
import { KeptCheckpoints } from '../../apps/audit-worker/src/kept-checkpoints.js';
import { LogKeys } from '../../apps/audit-worker/src/log-keys.js';
import { CheckpointSigner } from '../../apps/audit-worker/src/sign-checkpoints.js';
import { auditState } from './audit-state.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { readCheckpoints as readSigned, readLog as readEntries, verifyLog } from './audit-export.js';
import { tamper } from './tamper.js';
import { auditOrigin, startAuditWorker } from './apps.js';

/** A log that is sealed, for each file that imports this: its database, its signer, and writers of events. */

const pair = generateKeyPairSync('ed25519');
export const checkpointKey = { id: 'c-test', privateKey: pair.privateKey };
export const keys = new LogKeys(auditOrigin, checkpointKey);
export let lines: string[] = [];
const logger = createLogger('audit-worker', { write: (line) => void lines.push(line) });
/** What is no news of the work itself. */
export const faults = () => lines.filter((line) => !line.includes('"level":30'));

export let shared: TestDatabase;
export let database: Database;
export let pool: pg.Pool;
export let state: Awaited<ReturnType<typeof auditState>>;
export let signer: CheckpointSigner;

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
export const clients: pg.Client[] = [];

export async function openTransaction(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: shared.url });
  clients.push(client);
  await client.connect();
  await client.query('begin');
  return client;
}

/** As a process of its own opens it. */
export async function openAnother(): Promise<Database> {
  const another = Database.open({ url: shared.url, poolSize: 2, onError: () => undefined });
  opened.push(another);
  await assertMigrated(another);
  return another;
}

/** As a worker does when it starts: it knows what was kept, and nothing else. */
export async function openSigner(key = checkpointKey, folder = state.path): Promise<CheckpointSigner> {
  return new CheckpointSigner({ database, key, origin: auditOrigin, kept: await KeptCheckpoints.open(folder), logger });
}

export async function startWorker(on: Database) {
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
export async function insertEvents(
  client: pg.Pool | pg.ClientBase,
  count: number,
  more: Inserted = {},
): Promise<string[]> {
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
export const readLog = (tenantId = 'tnt_1') => readEntries(sql, tenantId);
export const readCheckpoints = (tenantId = 'tnt_1') => readSigned(sql, tenantId);

export async function verify(tenantId = 'tnt_1', notes?: readonly string[]) {
  const checkpoints = notes ?? (await readCheckpoints(tenantId)).map(({ note }) => note);
  return verifyLog(tenantId, await readLog(tenantId), checkpoints, keys.of(tenantId).vkeys);
}

/** What is final, and again: what is not final yet stays. */
export async function sealFinal(): Promise<void> {
  for (let n = 0; n < 4; n += 1) await sealEvents(database);
}
/** Seals until nothing is left: other tests write on the same server, and hold the horizon back for moments. */
export async function sealAll(): Promise<number> {
  let total = 0;
  for (const until = Date.now() + 30_000; (await unsealedCount()) > 0; await sleep(5)) {
    if (Date.now() > until) throw new Error(`${await unsealedCount()} events were never sealed.`);
    total += (await sealEvents(database)).sealed;
  }
  return total;
}

export async function unsealedCount(): Promise<number> {
  const found = await pool.query(
    'select count(*)::int as n from event e where not exists (select from audit_entry a where a.event_id = e.id)',
  );
  return found.rows[0].n as number;
}

export async function untilSealed(): Promise<void> {
  for (const until = Date.now() + 30_000; (await unsealedCount()) > 0; await sleep(20)) {
    if (Date.now() > until) throw new Error(`${await unsealedCount()} events were never sealed.`);
  }
}

/** 16 writers whose transactions last differently long and end in another order than they began; some are rolled back. */
export async function writeAtOnce(each: number, afterOne: () => void): Promise<string[]> {
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

/** Events beside those that workers write at their start and end. */
export const withoutWorkers = <Entry extends { readonly event: { readonly type: string } }>(
  log: readonly Entry[],
): Entry[] => log.filter(({ event }) => !event.type.startsWith('sealing.'));

export async function expectSealedOnce(written: readonly string[]): Promise<void> {
  const entries = withoutWorkers([...(await readLog('tnt_1')), ...(await readLog('tnt_2'))]);
  expect(entries.map((entry) => entry.event.id).toSorted()).toEqual(written.toSorted());
  for (const tenantId of ['tnt_1', 'tnt_2']) {
    const indexes = (await readLog(tenantId)).map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, n) => n));
    expect(await verify(tenantId)).toMatchObject({ ok: true, vouchedFor: indexes.length });
  }
}
