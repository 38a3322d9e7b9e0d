import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import { encodeEvent, hashLeaf, TreeState } from '#audit-log';
import { newId } from '#contracts';
import { Database } from '#persistence';
import { createLogger } from '#runtime';
import { KeptCheckpoints } from '../../apps/audit-worker/src/kept-checkpoints.js';
import { sealEvents } from '../../apps/audit-worker/src/seal-events.js';
import { LogKeys } from '../../apps/audit-worker/src/log-keys.js';
import { CheckpointSigner } from '../../apps/audit-worker/src/sign-checkpoints.js';
import { readCheckpoints, readLog, verifyLog } from './audit-export.js';
import { auditState } from './audit-state.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { tamper } from './tamper.js';
import { auditOrigin } from './apps.js';

/** A signed log and whoever rewrites it, for each file that imports this. */

const pair = generateKeyPairSync('ed25519');
export const key = { id: 'c-test', privateKey: pair.privateKey };
export let lines: string[] = [];
export const logger = createLogger('audit-worker', { write: (line) => void lines.push(line) });

export let store: TestDatabase;
export let database: Database;
export let client: pg.Client;
export let state: Awaited<ReturnType<typeof auditState>>;
export let signer: CheckpointSigner;

beforeAll(async () => {
  store = await createTestDatabase();
  database = store.database;
  client = new pg.Client(store.url);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.close();
});
beforeEach(async () => {
  lines = [];
  await tamper(
    store.url,
    'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_witnessed, audit_pruned, audit_key, unsealable_event, tenant cascade',
  );
  await client.query(`update audit_cursor set tx = '0'`);
  await client.query(`insert into tenant (id, name) values ('tnt_1', 'one'), ('tnt_2', 'two')`);
  state = await auditState();
  signer = await openSigner();
});
afterEach(() => state.remove());

export async function openSigner(folder = state.path, origin = auditOrigin): Promise<CheckpointSigner> {
  return new CheckpointSigner({ database, key, origin, kept: await KeptCheckpoints.open(folder), logger });
}

export const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;

/** Events as a gateway writes them, sealed. */
export async function happen(count: number, tenantId = 'tnt_1'): Promise<void> {
  const ids = Array.from({ length: count }, () => newId('event'));
  await client.query(
    `insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
     select id, $2, 'challenge.approved', 'account-1', 'user-1', 'usr_1', jsonb_build_object('n', n)
     from unnest($1::text[]) with ordinality as e(id, n)`,
    [ids, tenantId],
  );
  await sealAsIs();
}

/** Seals whatever there is. */
export async function sealAsIs(): Promise<void> {
  const open = 'select from event e where not exists (select from audit_entry a where a.event_id = e.id) limit 1';
  while ((await sql(open)).length > 0) {
    await sealEvents(database);
    await sleep(5);
  }
}

/** Signs what there is, as if the time of each log had come. */
export const sign = (by = signer) => by.sign(true);
export const signedUpTo = async (tenantId = 'tnt_1') =>
  (await readCheckpoints(sql, tenantId)).map(({ size }) => size).at(-1) ?? 0;
export const reason = (tenantId = 'tnt_1', by = signer) => by.refusals.get(tenantId)?.reason;
export const errors = () => lines.filter((line) => line.includes('"level":50'));

export const change = (set: string, from: number, to: number) =>
  tamper(
    store.url,
    `update event set ${set} where id in
       (select event_id from audit_entry where tenant_id = 'tnt_1' and sequence between ${from} and ${to})`,
  );

/** What the owner of the database can do: events changed, and every hash from there on made to fit. */
export async function rewrite(from: number, to: number): Promise<void> {
  await change(`data = '{"n": 0}', user_id = 'somebody else'`, from, to);
  const leaves = (await readLog(sql, 'tnt_1')).map(({ event }) => hashLeaf(encodeEvent(event)));
  await tamper(
    store.url,
    `update audit_entry a set leaf_hash = n.hash from unnest($1::bytea[]) with ordinality as n(hash, sequence)
     where a.tenant_id = 'tnt_1' and a.sequence = n.sequence`,
    [leaves],
  );
  await writeTree(leaves);
}

/** Has the tree of the first tenant be that of these leaves. */
async function writeTree(leaves: readonly Buffer[]): Promise<void> {
  const tree = TreeState.empty();
  const nodes: { level: number; index: number; hash: Buffer }[] = [];
  for (const leaf of leaves) tree.append(leaf, (node, hash) => void (node.level >= 8 && nodes.push({ ...node, hash })));
  await tamper(store.url, `update audit_log set edge = $1 where tenant_id = 'tnt_1'`, [tree.hashes]);
  await tamper(
    store.url,
    `update audit_node n set hash = w.hash from unnest($1::int[], $2::bigint[], $3::bytea[]) as w(level, index, hash)
     where n.tenant_id = 'tnt_1' and n.level = w.level and n.index = w.index`,
    [nodes.map(({ level }) => level), nodes.map(({ index }) => index), nodes.map(({ hash }) => hash)],
  );
}

export async function verify(tenantId = 'tnt_1') {
  const notes = (await readCheckpoints(sql, tenantId)).map(({ note }) => note);
  return verifyLog(tenantId, await readLog(sql, tenantId), notes, new LogKeys(auditOrigin, key).of(tenantId).vkeys);
}
