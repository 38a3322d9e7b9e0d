import { cp } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { consistencyProof, inclusionProofs, treeStateAt, verifyConsistency, verifyInclusion } from '#audit-log';
import { auditHashes } from '#persistence';
import { LogKeys } from '../../../apps/audit-worker/src/log-keys.js';
import { rebuildTree } from '../../../apps/audit-worker/src/rebuild-tree.js';
import { pruneLogs } from '../../../apps/relay/src/prune-logs.js';
import { pruneBatch } from '../../../apps/relay/src/prune-logs.sql.js';
import { eventsLeft, happenedAgo, keepFor, markWitnessed, prunedUpTo } from '../../support/aged-log.js';
import { auditOrigin } from '../../support/apps.js';
import { readCheckpoints, readPruned, verifyLog } from '../../support/audit-export.js';
import { auditState } from '../../support/audit-state.js';
import {
  client,
  database,
  errors,
  key,
  happen,
  openSigner,
  reason,
  sealAsIs,
  sign,
  signedUpTo,
  sql,
  state,
  store,
} from '../../support/signed-log.js';
import { tamper } from '../../support/tamper.js';

const told = () => sql(`select data from event where type = 'audit.pruned' order by time`);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

async function verifyPruned() {
  const notes = (await readCheckpoints(sql, 'tnt_1')).map(({ note }) => note);
  const { vkeys } = new LogKeys(auditOrigin, key).of('tnt_1');
  return verifyLog('tnt_1', await readPruned(sql, 'tnt_1'), notes, vkeys);
}

describe('a log that is pruned', () => {
  test('keeps its tree: old proofs hold, it verifies, and it goes on growing', async () => {
    await happenedAgo(40, 400);
    await sign();
    const early = await auditState();
    await cp(state.path, early.path, { recursive: true });
    await happenedAgo(35, 200);
    await happenedAgo(3, 300);
    await sign();
    const hashes = auditHashes(database, 'tnt_1');
    const [proof = []] = await inclusionProofs([123], 900, hashes);
    const root = (await treeStateAt(900, hashes)).root();
    const leaf = (await readPruned(sql, 'tnt_1'))[123]?.leafHash ?? Buffer.alloc(0);
    await markWitnessed();
    await keepFor(30);

    const { pruned } = await pruneLogs(database);
    expect(pruned).toMatchObject([{ tenantId: 'tnt_1', upTo: 600, events: 600 }]);
    expect(await eventsLeft()).toEqual(range(601, 900));
    expect(await told()).toEqual([{ data: { upTo: 600, events: 600, olderThan: pruned[0]?.olderThan } }]);
    expect((await pruneLogs(database)).pruned).toEqual([]);

    expect((await treeStateAt(900, hashes)).root()).toEqual(root);
    expect((await inclusionProofs([123], 900, hashes))[0]).toEqual(proof);
    expect(verifyInclusion({ hash: leaf, index: 123 }, { size: 900, root }, proof)).toBe(true);
    const before = (await treeStateAt(400, hashes)).root();
    const grown = await consistencyProof(400, 900, hashes);
    expect(verifyConsistency({ size: 400, root: before }, { size: 900, root }, grown)).toBe(true);
    await sealAsIs();
    await sign();
    expect(await verifyPruned()).toMatchObject({ ok: true, size: 901, vouchedFor: 901 });
    expect(await rebuildTree(database, 'tnt_1', 900)).toEqual(root);

    // A signer without any state, one whose state is of before, and the one that goes on.
    const empty = await auditState();
    for (const folder of [empty.path, early.path, state.path]) {
      await happen(10);
      const signer = await openSigner(folder);
      await sign(signer);
      expect([folder, reason('tnt_1', signer)]).toEqual([folder, undefined]);
    }
    expect(await signedUpTo()).toBe(931);
    expect(await verifyPruned()).toMatchObject({ ok: true, size: 931, vouchedFor: 931 });
    expect(errors()).toEqual([]);
    for (const each of [empty, early]) await each.remove();
  });

  test('goes in batches, each whole with what tells of it or not at all', async () => {
    const count = pruneBatch + 10;
    await happenedAgo(50, count);
    await sign();
    await markWitnessed();
    await keepFor(30);
    // Killed in the middle.
    await client.query('begin');
    expect(await sql(`select up_to::int as "upTo" from prune_log('tnt_1', 100)`)).toEqual([{ upTo: 100 }]);
    // Another relay does not wait.
    expect((await pruneLogs(database)).pruned).toEqual([]);
    await client.query('rollback');
    expect([await prunedUpTo(), (await eventsLeft()).length]).toEqual([0, count]);
    for (const upTo of [pruneBatch, count]) {
      expect((await pruneLogs(database)).pruned).toMatchObject([{ upTo }]);
      expect([await prunedUpTo(), (await eventsLeft()).length]).toEqual([upTo, count - upTo]);
    }
    await sealAsIs();
    expect(await told()).toHaveLength(2);
  });
});

describe('nothing is pruned', () => {
  test('above the newest witnessed checkpoint, and of a log that none has witnessed', async () => {
    await happenedAgo(40, 50);
    await sign();
    await keepFor(30);
    expect(await pruneLogs(database)).toEqual({ pruned: [], unwitnessed: ['tnt_1'], failed: [] });
    await markWitnessed();
    await happenedAgo(40, 50);
    await sign();
    expect((await pruneLogs(database)).pruned).toMatchObject([{ upTo: 50 }]);
    expect((await pruneLogs(database)).pruned).toEqual([]);
    expect((await eventsLeft())[0]).toBe(51);
  });

  test('that is younger than the policy says, its least time or thirty days', async () => {
    await happenedAgo(29, 10);
    await happenedAgo(400, 10);
    await sign();
    await markWitnessed();
    // What stands behind something younger waits for it: a log is pruned from its beginning on.
    for (const days of [1, -400, 30, 365]) {
      await keepFor(days);
      expect([days, (await pruneLogs(database)).pruned]).toEqual([days, []]);
    }
    await tamper(store.url, `update event set "time" = "time" - interval '1 year' where tenant_id = 'tnt_1'`);
    await keepFor(30, 500);
    expect((await pruneLogs(database)).pruned).toEqual([]);
    await keepFor(null);
    expect((await pruneLogs(database)).pruned).toEqual([]);
    await keepFor(30);
    expect((await pruneLogs(database)).pruned).toMatchObject([{ upTo: 20 }]);
  });

  test('beyond an event that is gone already, which is a fault', async () => {
    await happenedAgo(40, 20);
    await sign();
    await markWitnessed();
    await keepFor(30);
    await tamper(store.url, 'delete from event where id in (select event_id from audit_entry where sequence = 8)');
    expect((await pruneLogs(database)).pruned).toMatchObject([{ upTo: 7 }]);
    expect((await pruneLogs(database)).pruned).toEqual([]);
    // The signer takes no event for pruned that is not.
    const empty = await auditState();
    await happen(1);
    await tamper(store.url, `delete from event where id in (select event_id from audit_entry where sequence = 22)`);
    await sign();
    expect(reason()).toBe('entry_broken');
    await empty.remove();
  });

  test('of another tenant, whose policy cannot be read', async () => {
    for (const tenantId of ['tnt_1', 'tnt_2']) {
      await happenedAgo(40, 5, tenantId);
      await sign();
      await markWitnessed(tenantId);
      await keepFor(30, 0, tenantId);
    }
    await sql(
      `update tenant set policy = '{"audit": {"retentionDays": 30, "retentionAtLeastDays": "x"}}' where id = 'tnt_1'`,
    );
    const { pruned, failed } = await pruneLogs(database);
    expect([pruned.map(({ tenantId }) => tenantId), failed.map(({ tenantId }) => tenantId)]).toEqual([
      ['tnt_2'],
      ['tnt_1'],
    ]);
  });
});

describe('who means to remove events', () => {
  /** What a role is told that tries. */
  async function attempt(role: string, ...texts: string[]): Promise<string> {
    await client.query('begin');
    try {
      await client.query(`set local role ${role}`);
      for (const text of texts) await client.query(text);
      return 'done';
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.query('rollback');
    }
  }

  test('has no right to, whichever process it is', async () => {
    await happenedAgo(40, 20);
    await sign();
    for (const role of ['gateway', 'relay', 'audit_worker', 'lockout_worker', 'sms_worker', 'email_worker']) {
      const name = `sallyport_${role}`;
      expect(await attempt(name, 'delete from event')).toMatch(/permission denied/);
      expect(await attempt(name, `insert into audit_pruned values ('tnt_1', 20)`)).toMatch(/permission denied/);
      const call = await attempt(name, `select * from prune_log('tnt_1', 10)`);
      if (role === 'relay') expect(call).toBe('done');
      else expect(call).toMatch(/permission denied for function/);
    }
    // Who may prune can't say what is witnessed, nor what the policy is; not by tables of its own either.
    const relay = 'sallyport_relay';
    expect(await attempt(relay, `insert into audit_witnessed values ('tnt_1', 20, now())`)).toMatch(
      /permission denied/,
    );
    expect(await attempt(relay, `update tenant set policy = '{}'`)).toMatch(/permission denied/);
    await keepFor(30);
    const shadow = `create temp table audit_witnessed as select 'tnt_1' as tenant_id, 20::bigint as size`;
    await client.query('begin');
    await client.query(`set local role ${relay}`);
    await client.query(shadow).catch(() => client.query('rollback; begin'));
    expect(await sql(`select * from prune_log('tnt_1', 10)`)).toEqual([]);
    await client.query('rollback');
    expect(await eventsLeft()).toHaveLength(20);
  });

  test('by mistake, and owns the tables, is refused above the mark', async () => {
    await happenedAgo(40, 20);
    await happen(5);
    await sign();
    await markWitnessed();
    await keepFor(30);
    await pruneLogs(database);
    await expect(sql('delete from event')).rejects.toThrow('append-only: DELETE is refused');
    const one = 'delete from event where id in (select event_id from audit_entry where sequence = 21)';
    await expect(sql(one)).rejects.toThrow('append-only: DELETE is refused');
    await expect(sql('truncate event')).rejects.toThrow('append-only: TRUNCATE is refused');
    expect(await eventsLeft()).toEqual(expect.arrayContaining(range(21, 25)));
  });
});
