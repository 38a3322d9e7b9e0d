import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { register } from 'prom-client';
import { encodeEvent, hashLeaf, inclusionProof, signCheckpoint, TreeState, verifyInclusion } from '#audit-log';
import { newId } from '#contracts';
import { auditHashes, Database, MissingHashesError } from '#persistence';
import { createLogger, SettingsError } from '#runtime';
import { Readiness } from '#process';
import { acceptLog, listLogs } from '../../../apps/audit-worker/src/audit-worker.module.js';
import { KeptCheckpoints } from '../../../apps/audit-worker/src/kept-checkpoints.js';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { LogKeys } from '../../../apps/audit-worker/src/log-keys.js';
import { CheckpointSigner } from '../../../apps/audit-worker/src/sign-checkpoints.js';
import { readCheckpoints, readLog, verifyLog } from '../../support/audit-export.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { tamper } from '../../support/tamper.js';
import { auditOrigin, startAuditWorker } from '../../support/apps.js';

const pair = generateKeyPairSync('ed25519');
const key = { id: 'c-test', privateKey: pair.privateKey };
let lines: string[] = [];
const logger = createLogger('audit-worker', { write: (line) => void lines.push(line) });

let store: TestDatabase;
let database: Database;
let client: pg.Client;
let state: Awaited<ReturnType<typeof auditState>>;
let signer: CheckpointSigner;

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
    'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key, unsealable_event, tenant cascade',
  );
  await client.query(`update audit_cursor set tx = '0'`);
  await client.query(`insert into tenant (id, name) values ('tnt_1', 'one'), ('tnt_2', 'two')`);
  state = await auditState();
  signer = await openSigner();
});
afterEach(() => state.remove());

async function openSigner(folder = state.path, origin = auditOrigin): Promise<CheckpointSigner> {
  return new CheckpointSigner({ database, key, origin, kept: await KeptCheckpoints.open(folder), logger });
}

const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;

/** Events as a gateway writes them, sealed. */
async function happen(count: number, tenantId = 'tnt_1'): Promise<void> {
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

/** Signs what there is, as if the time of each log had come. */
const sign = (by = signer) => by.sign(true);
const signedUpTo = async (tenantId = 'tnt_1') =>
  (await readCheckpoints(sql, tenantId)).map(({ size }) => size).at(-1) ?? 0;
const reason = (tenantId = 'tnt_1', by = signer) => by.refusals.get(tenantId)?.reason;
const errors = () => lines.filter((line) => line.includes('"level":50'));

const change = (set: string, from: number, to: number) =>
  tamper(
    store.url,
    `update event set ${set} where id in
       (select event_id from audit_entry where tenant_id = 'tnt_1' and sequence between ${from} and ${to})`,
  );

/** What the owner of the database can do: events changed, and every hash from there on made to fit. */
async function rewrite(from: number, to: number): Promise<void> {
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

async function verify(tenantId = 'tnt_1') {
  const notes = (await readCheckpoints(sql, tenantId)).map(({ note }) => note);
  return verifyLog(tenantId, await readLog(sql, tenantId), notes, new LogKeys(auditOrigin, key).of(tenantId).vkeys);
}

describe('T20: the signer is no partner in a forgery', () => {
  test('4,000 events rewritten by the owner, checkpoints removed: it signs no more, says so, and signs for the others', async () => {
    await happen(4000);
    await happen(3, 'tnt_2');
    expect(await sign()).toBe(2);
    await rewrite(1, 4000);
    await tamper(store.url, `delete from audit_checkpoint where tenant_id = 'tnt_1'`);
    await happen(2);
    await happen(2, 'tnt_2');
    // The forgery is whole in itself: nothing inside the database shows it.
    expect(await verify()).toMatchObject({ ok: true, size: 4002 });
    expect(await sign()).toBe(1);
    expect([await signedUpTo(), await signedUpTo('tnt_2')]).toEqual([0, 5]);
    expect(reason()).toBe('entry_differs');
    for (let n = 0; n < 3; n += 1) expect(await sign()).toBe(0);
    expect(errors()).toHaveLength(1);
    expect(JSON.parse(errors()[0] ?? '')).toMatchObject({ tenantId: 'tnt_1', reason: 'entry_differs', sequence: 4000 });
    // Another start changes nothing: it is kept in a file.
    const next = await openSigner();
    expect(await sign(next)).toBe(0);
    expect(reason('tnt_1', next)).toBe('entry_differs');
  });

  test.each([
    ['events since the last checkpoint, hashes and all', async () => rewrite(6, 8), undefined],
    ['an event since the last checkpoint, but not its hash', async () => change(`data = '{}'`, 7, 7), 'entry_broken'],
    [
      'the user of one, whose key opens what is personal',
      async () => change(`user_ref = 'usr_2'`, 7, 7),
      'entry_broken',
    ],
    ['the transaction of one', async () => change(`tx = '3'`, 7, 7), 'entry_broken'],
    ['an event before it, but no hash', async () => change(`data = '{}'`, 2, 2), undefined],
    ['all before it', async () => rewrite(1, 4), 'entry_differs'],
    ['the event of the checkpoint', async () => rewrite(5, 5), 'entry_differs'],
    ['an entry removed', async () => tamper(store.url, 'delete from audit_entry where sequence = 7'), 'entry_broken'],
    ['an event removed', async () => tamper(store.url, removeEvent(7)), 'entry_broken'],
    [
      'the entry of the checkpoint removed',
      async () => tamper(store.url, 'delete from audit_entry where sequence = 5'),
      'entry_missing',
    ],
    [
      'the log emptied',
      async () =>
        tamper(
          store.url,
          'truncate audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key',
        ),
      'entry_missing',
    ],
    [
      'the whole log gone',
      async () =>
        tamper(
          store.url,
          'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key',
        ),
      'entry_missing',
    ],
    ['an entry of another tenant', async () => change(`tenant_id = 'tnt_2'`, 7, 7), 'entry_broken'],
  ])('%s', async (_, attack, refused) => {
    await happen(5);
    await sign();
    await happen(3);
    const honest = TreeState.empty();
    for (const { leafHash } of (await readLog(sql, 'tnt_1')).slice(0, 5)) honest.append(leafHash);
    await attack();
    await sign();
    expect(reason()).toBe(refused);
    // Whatever was signed vouches for the honest entries, or for what came after the last checkpoint.
    for (const { size, root } of await readCheckpoints(sql, 'tnt_1')) {
      if (size <= 5) expect(root).toEqual(honest.root());
    }
    if (refused !== undefined) expect(await signedUpTo()).toBeLessThanOrEqual(5);
  });

  const removeEvent = (sequence: number) =>
    `delete from event where id = (select event_id from audit_entry where tenant_id = 'tnt_1' and sequence = ${sequence})`;

  test('a worker tells by its readiness, its metrics and its log, and goes on sealing', async () => {
    await happen(5);
    const worker = await startAuditWorker({ database, logger, checkpointKey: key, stateDir: state.path });
    try {
      const readiness = new Readiness({ database, needsQueue: false });
      readiness.watch(worker.health);
      const until = async (check: () => Promise<boolean>) => {
        while (!(await check())) await sleep(50);
      };
      await until(async () => (await signedUpTo()) === 5);
      expect(await readiness.look()).toMatchObject({ status: 'ready', checks: { sealing: true, signing: true } });
      await rewrite(1, 5);
      await until(async () => (await readiness.look()).status === 'not_ready');
      const { checks, reasons } = await readiness.look();
      expect(checks).toMatchObject({ sealing: true, signing: false });
      expect(reasons?.join()).toContain('entry_differs');
      expect(await register.metrics()).toContain('sallyport_audit_logs_refused 1');
      expect(errors()).toHaveLength(1);
      await happen(1);
      expect(await sql('select from audit_entry')).toHaveLength(6);
    } finally {
      await worker.stop();
    }
    expect(await signedUpTo()).toBe(5);
  });

  test('a checkpoint that is left in the database counts too, one that others signed does not', async () => {
    await happen(5);
    await sign();
    const other = await auditState();
    const second = await openSigner(other.path);
    await happen(3);
    // The second was away while the first signed, and has nothing of its own.
    await sign();
    await rewrite(6, 8);
    await happen(1);
    expect(await sign(second)).toBe(0);
    expect(reason('tnt_1', second)).toBe('entry_differs');
    // A stranger's says nothing, wherever it points.
    const strange = new LogKeys(auditOrigin, { id: 'c-test', privateKey: generateKeyPairSync('ed25519').privateKey });
    const { origin, keys } = strange.of('tnt_2');
    const note = signCheckpoint({ origin, size: 2, root: Buffer.alloc(32) }, keys, 1_790_000_000);
    await client.query(
      `insert into audit_checkpoint (tenant_id, size, signed_at, root, note)
       values ('tnt_2', 99, now() + interval '1 year', $1, 'no note'), ('tnt_2', 2, now(), $1, $2)`,
      [Buffer.alloc(32), note],
    );
    await happen(3, 'tnt_2');
    expect(await sign()).toBe(1);
    expect([...signer.refusals.keys()]).toEqual(['tnt_1']);
    expect((await readCheckpoints(sql, 'tnt_2')).map(({ size }) => size)).toEqual([2, 3, 99]);
    await other.remove();
  });
});

test('T20: what another worker signed meanwhile has to be in the log, too', async () => {
  const other = await auditState();
  const second = await openSigner(other.path);
  await happen(5);
  await sign(second);
  await happen(3);
  // The second one does not look while the first signs and the owner rewrites.
  await sign();
  await rewrite(6, 8);
  await happen(1);
  expect(await sign(second)).toBe(0);
  expect(second.refusals.get('tnt_1')).toMatchObject({ reason: 'checkpoint_contradicted', sequence: 8 });
  await other.remove();
});

describe('the tree beside the entries', () => {
  const isProved = async (index: number, { size, root }: { size: number; root: Buffer }) => {
    const hash = (await readLog(sql, 'tnt_1'))[index]?.leafHash ?? Buffer.alloc(0);
    const proof = await inclusionProof(index, size, auditHashes(database, 'tnt_1'));
    return verifyInclusion({ hash, index }, { size, root }, proof);
  };

  test('proves each entry to each checkpoint, by one query', async () => {
    for (const count of [1, 254, 1, 1, 700]) {
      await happen(count);
      await sign();
    }
    const checkpoints = await readCheckpoints(sql, 'tnt_1');
    expect(checkpoints.map(({ size }) => size)).toEqual([1, 255, 256, 257, 957]);
    expect(await sql('select level, count(*)::int as n from audit_node group by level order by level')).toEqual([
      { level: 8, n: 3 },
      { level: 9, n: 1 },
    ]);
    for (const checkpoint of checkpoints) {
      for (const index of [0, 254, 255, 256, 511, 512, 956].filter((each) => each < checkpoint.size))
        expect(await isProved(index, checkpoint)).toBe(true);
    }
    await expect(inclusionProof(3, 958, auditHashes(database, 'tnt_1'))).rejects.toBeInstanceOf(MissingHashesError);
  });

  test.each([
    ['a subtree of the past', `update audit_node set hash = sha256('') where index = 0`, 'entry_differs'],
    ['one that is gone', 'delete from audit_node where index = 0', 'entry_missing'],
    ['one that came since', `update audit_node set hash = sha256('') where index = 1`, 'tree_differs'],
  ])('is refused where it is not theirs: %s. An operator has it computed anew', async (_, attack, refused) => {
    await happen(300);
    await sign();
    await happen(300);
    await tamper(store.url, attack);
    expect(await sign()).toBe(0);
    expect(reason()).toBe(refused);
    await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence: 300, reason: 'disk replaced' });
    await happen(0);
    expect(await sign()).toBe(1);
    const [first, second] = await readCheckpoints(sql, 'tnt_1');
    if (!first || !second) throw new Error('Two checkpoints were signed.');
    expect([await isProved(7, first), await isProved(599, second)]).toEqual([true, true]);
    expect(await verify()).toMatchObject({ ok: true, size: 601, vouchedFor: 601 });
  });

  test.each([
    ['says another size', 'update audit_log set size = 3'],
    ['has another form', `update audit_log set edge = '{"\\x00"}'`],
    ['is gone', 'truncate audit_log'],
  ])('is computed from what there is where its row %s', async (_, damage) => {
    await happen(300);
    await tamper(store.url, damage);
    await happen(300);
    expect(await sign()).toBe(1);
    expect(await verify()).toMatchObject({ ok: true, size: 600, vouchedFor: 600 });
  });

  test('that cannot be computed stops no other log', async () => {
    await happen(5);
    await tamper(
      store.url,
      `truncate audit_log; with gone as (delete from audit_entry where sequence = 2 returning event_id)
       delete from event where id in (select event_id from gone)`,
    );
    await happen(3);
    await happen(3, 'tnt_2');
    expect(await sign()).toBe(1);
    expect([reason(), reason('tnt_2')]).toEqual(['entry_broken', undefined]);
  });
});

test('a log keeps its origin, for ever', async () => {
  await happen(5);
  await sign();
  await happen(1);
  const next = await openSigner(state.path, 'other.test/audit');
  expect(await sign(next)).toBe(0);
  expect(reason('tnt_1', next)).toBe('other_origin');
  expect(await sign()).toBe(1);
});

describe('what is kept', () => {
  test('is written before the checkpoint is told: after a crash in between the log is signed', async () => {
    await happen(5);
    await sign();
    await happen(3);
    await tamper(
      store.url,
      `create function crash() returns trigger language plpgsql as $$ begin raise exception 'crashed'; end $$`,
    );
    await client.query('create trigger crash before insert on audit_checkpoint execute function crash()');
    await expect(sign()).rejects.toThrow('crashed');
    expect(await signedUpTo()).toBe(5);
    expect(await readFile(join(state.path, 'tnt_1.checkpoint'), 'utf8')).toMatch(/^sallyport\.test\/audit\/tnt_1\n8\n/);
    await client.query('drop function crash cascade');
    const next = await openSigner();
    expect(await sign(next)).toBe(1);
    expect(await signedUpTo()).toBe(8);
    expect(next.refusals.size).toBe(0);
    // And what was kept before the crash is not signed over, told or not.
    await rewrite(6, 8);
    await happen(1);
    expect(await sign(await openSigner())).toBe(0);
  });

  test('a draft that a crash left behind is nothing', async () => {
    await happen(5);
    await sign();
    await writeFile(join(state.path, 'tnt_1.checkpoint.0a1b2c3d'), 'sallyport.test/aud');
    await happen(1);
    expect(await sign(await openSigner())).toBe(1);
  });

  test('goes along with what another worker signs, so that each can tell', async () => {
    const other = await auditState();
    const second = await openSigner(other.path);
    await happen(5);
    await sign();
    await second.sign();
    expect(await readdir(other.path)).toEqual(['tnt_1.checkpoint']);
    await rewrite(1, 5);
    await tamper(store.url, 'truncate audit_checkpoint');
    await happen(1);
    expect(await sign(second)).toBe(0);
    expect(reason('tnt_1', second)).toBe('entry_differs');
    await other.remove();
  });

  test('may be shared by workers of one database', async () => {
    const second = await openSigner();
    for (let turn = 0; turn < 5; turn += 1) {
      await happen(2);
      const signed = await Promise.all([sign(), sign(second)]);
      expect(signed.reduce((sum, each) => sum + each)).toBe(1);
      expect([signer.refusals.size, second.refusals.size]).toEqual([0, 0]);
    }
    await rewrite(1, 10);
    await happen(1);
    expect(await Promise.all([sign(), sign(second)])).toEqual([0, 0]);
  });

  test('is taken from the database where nothing was kept, and that is said', async () => {
    await happen(5);
    await sign();
    await happen(1);
    await rm(state.path, { recursive: true });
    const next = await openSigner();
    expect(await sign(next)).toBe(1);
    expect(lines.filter((line) => line.includes('is trusted'))).toHaveLength(1);
    expect(lines.join()).toContain('"sequence":5');
  });

  test('can be read, or nothing is signed for that tenant; an operator mends it', async () => {
    await happen(5);
    await happen(5, 'tnt_2');
    await sign();
    for (const text of ['', '{}', await readFile(join(state.path, 'tnt_2.checkpoint'), 'utf8')]) {
      await writeFile(join(state.path, 'tnt_1.checkpoint'), text);
      await happen(1);
      await happen(1, 'tnt_2');
      const next = await openSigner();
      expect(await sign(next)).toBe(1);
      expect(reason('tnt_1', next)).toBe('kept_unreadable');
    }
    expect(await listLogs(database, state.path)).toMatchObject([{ state: 'unreadable' }, { state: 'contained' }]);
    const next = await openSigner();
    await sign(next);
    await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence: 5, reason: 'disk replaced' });
    expect(await sign(next)).toBe(1);
    expect(next.refusals.size).toBe(0);
  });

  test('has to be written: with the folder gone nothing is signed, and again when it is back', async () => {
    await happen(5);
    await rm(state.path, { recursive: true });
    expect(await sign()).toBe(0);
    expect(reason()).toBe('not_kept');
    for (let n = 0; n < 3; n += 1) await sign();
    expect(errors()).toHaveLength(1);
    expect(await signedUpTo()).toBe(0);
    await mkdir(state.path);
    expect(await sign()).toBe(1);
    expect(signer.refusals.size).toBe(0);
  });

  test('is refused at the start where it cannot be kept', async () => {
    await writeFile(join(state.path, 'file'), '');
    await expect(KeptCheckpoints.open(join(state.path, 'file', 'folder'))).rejects.toBeInstanceOf(SettingsError);
  });

  test('of tenants that another database has is no reason to complain', async () => {
    await happen(5);
    await sign();
    await tamper(
      store.url,
      'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key, tenant cascade',
    );
    const next = await openSigner();
    expect(await sign(next)).toBe(0);
    expect(next.refusals.size).toBe(0);
  });
});

describe('the way back', () => {
  test('of a restored backup: refused, sealed all the same, and accepted by tenant and entry', async () => {
    await happen(8);
    await sign();
    await tamper(store.url, `delete from event where id in (select event_id from audit_entry where sequence > 6)`);
    await tamper(store.url, 'delete from audit_entry where sequence > 6');
    await tamper(store.url, 'truncate audit_checkpoint');
    await happen(1);
    expect(await sign()).toBe(0);
    expect(reason()).toBe('entry_missing');
    expect(await listLogs(database, state.path)).toEqual([
      { tenantId: 'tnt_1', entries: 7, kept: 8, state: 'missing' },
    ]);
    const accept = (sequence: number) =>
      acceptLog(database, state.path, { tenantId: 'tnt_1', sequence, reason: 'restored from the backup of Monday' });
    expect(await accept(8)).toBeUndefined();
    expect(await accept(6)).toEqual({ formerSequence: 8 });
    await happen(0);
    expect(await sign()).toBe(1);
    expect(signer.refusals.size).toBe(0);
    expect(await verify()).toMatchObject({ ok: true, size: 8, vouchedFor: 8 });
    const [told] = await sql(`select data from event where type = 'audit.checkpoint_accepted'`);
    expect(told?.['data']).toEqual({ sequence: 6, formerSequence: 8, reason: 'restored from the backup of Monday' });
    expect(lines.join()).toContain('signing the log has resumed');
  });

  test('of a log that contradicts checkpoints which are still there', async () => {
    await happen(8);
    await sign();
    await rewrite(3, 8);
    await happen(1);
    expect(await sign()).toBe(0);
    for (const sequence of [2, 8]) {
      await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence, reason: 'looked at' });
      await happen(1);
      expect(await sign()).toBe(1);
      expect(await sign(await openSigner())).toBe(0);
    }
    expect(signer.refusals.size).toBe(0);
    // Nobody is told that nothing happened.
    expect(await verify()).toMatchObject({ ok: false, fault: { reason: 'tree_differs', index: 0, lastIndex: 7 } });
  });

  test('of a log that was emptied: from its beginning', async () => {
    await happen(8);
    await sign();
    await tamper(
      store.url,
      'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key',
    );
    expect(await sign()).toBe(0);
    expect(reason()).toBe('entry_missing');
    await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence: 0, reason: 'begun anew' });
    await happen(1);
    expect(await sign()).toBe(1);
    expect(await verify()).toMatchObject({ ok: true, vouchedFor: 2 });
  });

  test('is not needed where the honest log comes back', async () => {
    await happen(8);
    await sign();
    await tamper(store.url, 'create table away as select * from audit_entry where sequence > 6');
    await tamper(store.url, 'delete from audit_entry where sequence > 6');
    await sign();
    expect(reason()).toBe('entry_missing');
    await tamper(store.url, 'insert into audit_entry select * from away');
    await client.query('drop table away');
    await sign();
    expect(signer.refusals.size).toBe(0);
  });
});

test('whoever holds the lock of signing stops it, and that is seen', async () => {
  await happen(5);
  await client.query('select pg_advisory_lock(5113071851)');
  try {
    expect(await sign()).toBe(0);
    await sleep(20);
    expect(await sign()).toBe(0);
    expect(signer.lateMs).toBeGreaterThan(10);
  } finally {
    await client.query('select pg_advisory_unlock_all()');
  }
  expect(await sign()).toBe(1);
  expect(signer.lateMs).toBe(0);
});
