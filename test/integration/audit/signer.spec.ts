import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { inclusionProof, signCheckpoint, TreeState, verifyInclusion } from '#audit-log';
import { auditHashes, MissingHashesError } from '#persistence';
import { Readiness } from '#process';
import { acceptLog } from '../../../apps/audit-worker/src/audit-worker.module.js';
import { LogKeys } from '../../../apps/audit-worker/src/log-keys.js';
import { readCheckpoints, readLog } from '../../support/audit-export.js';
import { auditState } from '../../support/audit-state.js';
import { tamper } from '../../support/tamper.js';
import { auditOrigin, startAuditWorker } from '../../support/apps.js';
import {
  change,
  client,
  database,
  errors,
  happen,
  key,
  logger,
  openSigner,
  reason,
  rewrite,
  sign,
  signedUpTo,
  signer,
  sql,
  state,
  store,
  verify,
} from '../../support/signed-log.js';

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
      // With the start of the worker.
      await until(async () => (await signedUpTo()) === 6);
      expect(await readiness.look()).toMatchObject({ status: 'ready', checks: { sealing: true, signing: true } });
      await rewrite(1, 6);
      await until(async () => (await readiness.look()).status === 'not_ready');
      const { checks, reasons } = await readiness.look();
      expect(checks).toMatchObject({ sealing: true, signing: false });
      expect(reasons?.join()).toContain('entry_differs');
      expect(await register.metrics()).toContain('sallyport_audit_logs_refused 1');
      expect(errors()).toHaveLength(1);
      await happen(1);
      expect(await sql(`select from audit_entry where tenant_id = 'tnt_1'`)).toHaveLength(7);
    } finally {
      await worker.stop();
    }
    expect(await signedUpTo()).toBe(6);
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
    ['says a size that its edge cannot have', 'update audit_log set size = 3'],
    // As many subtrees as 300 has.
    ['says another size', 'update audit_log set size = 308'],
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
