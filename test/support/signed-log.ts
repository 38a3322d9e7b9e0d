import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import { encodeEvent, genesisHash, link, verifyChain } from '#audit-chain';
import { newId } from '#contracts';
import { Database } from '#persistence';
import { createLogger } from '#runtime';
import { KeptCheckpoints } from '../../apps/audit-worker/src/kept-checkpoints.js';
import { sealEvents } from '../../apps/audit-worker/src/seal-events.js';
import { CheckpointSigner } from '../../apps/audit-worker/src/sign-checkpoints.js';
import { readChain, readCheckpoints } from './audit-chain.js';
import { auditState } from './audit-state.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { tamper } from './tamper.js';

/** A signed log and whoever rewrites it, for each file that imports this. */

const pair = generateKeyPairSync('ed25519');
export const key = { id: 'c-test', privateKey: pair.privateKey };
const publicKeys = new Map([['c-test', pair.publicKey]]);
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
    'truncate event, audit_entry, audit_chain, audit_checkpoint, unsealable_event, tenant cascade',
  );
  await client.query(`update audit_cursor set tx = '0'`);
  await client.query(`insert into tenant (id, name) values ('tnt_1', 'one'), ('tnt_2', 'two')`);
  state = await auditState();
  signer = await openSigner();
});
afterEach(() => state.remove());

export async function openSigner(folder = state.path, own = key): Promise<CheckpointSigner> {
  return new CheckpointSigner({ database, key: own, kept: await KeptCheckpoints.open(folder), logger });
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
  const open = 'select from event e where not exists (select from audit_entry a where a.event_id = e.id) limit 1';
  while ((await sql(open)).length > 0) {
    await sealEvents(database);
    await sleep(5);
  }
}

/** Signs what there is, as if the minute of each log were over. */
export const sign = (by = signer) => by.sign(true);
export const signedUpTo = async (tenantId = 'tnt_1') =>
  (await readCheckpoints(sql, tenantId)).map(({ sequence }) => sequence).at(-1) ?? 0;
export const reason = (tenantId = 'tnt_1', by = signer) => by.refusals.get(tenantId)?.reason;
export const errors = () => lines.filter((line) => line.includes('"level":50'));

export const change = (set: string, from: number, to: number) =>
  tamper(
    store.url,
    `update event set ${set} where id in
       (select event_id from audit_entry where tenant_id = 'tnt_1' and sequence between ${from} and ${to})`,
  );

/** What the owner of the database can do: events changed, and every hash from there on made to fit. */
export async function rewrite(from: number, to: number, keepHashOf?: number): Promise<void> {
  await change(`data = '{"n": 0}', user_id = 'somebody else'`, from, to);
  const entries = await readChain(sql, 'tnt_1');
  let hash = genesisHash('tnt_1');
  const hashes = entries.map(({ event, sequence, hash: stored }) => {
    hash = sequence === keepHashOf ? Buffer.from(stored) : link(hash, sequence, encodeEvent(event));
    return hash;
  });
  await tamper(
    store.url,
    `update audit_entry a set hash = n.hash from unnest($1::bigint[], $2::bytea[]) as n(sequence, hash)
     where a.tenant_id = 'tnt_1' and a.sequence = n.sequence`,
    [entries.map(({ sequence }) => sequence), hashes],
  );
  await tamper(store.url, `update audit_chain set hash = $1 where tenant_id = 'tnt_1'`, [hash]);
}

export async function verify(tenantId = 'tnt_1') {
  const checkpoints = await readCheckpoints(sql, tenantId);
  return verifyChain(await readChain(sql, tenantId), { tenantId, checkpoints, publicKeys });
}
