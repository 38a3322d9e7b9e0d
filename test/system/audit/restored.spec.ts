import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { batchSize } from '../../../apps/audit-worker/src/seal-events.sql.js';
import { auditState } from '../../support/audit-state.js';
import { exportOf } from '../../support/audit-export.js';
import { tamper } from '../../support/tamper.js';
import {
  checkpointKey,
  database,
  expectSealedOnce,
  faults,
  insertEvents,
  keys,
  openAnother,
  openSigner,
  openTransaction,
  pool,
  readLog,
  sealAll,
  sealFinal,
  shared,
  signer,
  startWorker,
  state,
  unsealedCount,
  untilSealed,
  verify,
  writeAtOnce,
} from '../../support/sealed-log.js';

const cursorRow = async () =>
  (
    await pool.query<{ tx: string; here: boolean }>(
      'select tx::text, cluster = (select system_identifier::text from pg_control_system()) as here from audit_cursor',
    )
  ).rows[0];

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
      'truncate audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_witnessed, audit_key',
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
