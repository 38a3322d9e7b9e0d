import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type SignedCheckpoint } from '#audit-chain';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { batchSize } from '../../../apps/audit-worker/src/seal-events.sql.js';
import { tamper } from '../../support/tamper.js';
import {
  database,
  expectSealedOnce,
  faults,
  insertEvents,
  openAnother,
  openSigner,
  openTransaction,
  pool,
  readChain,
  readCheckpoints,
  sealAll,
  sealFinal,
  shared,
  signer,
  startWorker,
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

  /** What a restore leaves: events and a cursor of the former cluster, `sealed` of them in the chain. */
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
    const chain = await readChain();
    expect(
      chain
        .map((entry) => entry.event.id)
        .slice(0, 3)
        .toSorted(),
    ).toEqual(sealed.toSorted());
    expect(
      chain
        .map((entry) => entry.event.id)
        .slice(3)
        .toSorted(),
    ).toEqual([...open, ...fresh].toSorted());
    expect(await verify()).toMatchObject({ ok: true, entries: 7 });
    await insertEvents(pool, 1);
    expect(await sealAll()).toBe(1);
  });

  test('with this cluster already past the cursor, and events written below it', async () => {
    await pool.query('select pg_current_xact_id()');
    const written = await insertEvents(pool, 2, { tx: '5' });
    await restored('700');
    expect(await sealAll()).toBeGreaterThanOrEqual(2);
    const ids = (await readChain()).map((entry) => entry.event.id);
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
    expect(await verify()).toMatchObject({ ok: true, entries: 6 });
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
    const chain = (await readChain()).map((entry) => entry.event.id);
    expect(chain.slice(3, -open.length)).toEqual([...earlier.toSorted(), ...later.toSorted()]);
    expect(chain.slice(0, 3).toSorted()).toEqual(sealed.toSorted());
    expect(chain.slice(-open.length).toSorted()).toEqual(open.toSorted());
    expect(await verify()).toMatchObject({ ok: true });
    // No event was touched.
    const kept = await pool.query('select count(*)::int as n from event where tx >= $1::xid8', [farAhead]);
    expect(kept.rows[0].n).toBe(chain.length);
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
    expect(await readChain()).toHaveLength(6);
    await insertEvents(waiting, 1);
    await waiting.query('commit');
    await writing.query('commit');
    expect(await sealAll()).toBe(2);
    expect(await verify()).toMatchObject({ ok: true, entries: 8 });
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
  let checkpoints: SignedCheckpoint[];

  beforeEach(async () => {
    await insertEvents(pool, 10, { personal: Buffer.from('sealed') });
    await sealAll();
    await signer.sign();
    checkpoints = await readCheckpoints();
    expect(await verify('tnt_1', checkpoints)).toMatchObject({ ok: true, entries: 10, coveredUpTo: 10 });
  });

  const at = (sequence: number) =>
    `(select event_id from audit_entry where tenant_id = 'tnt_1' and sequence = ${sequence})`;
  const firstBad = (sequence: number, reason: string) => ({ ok: false, firstBad: { sequence, reason } });

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
    expect(await verify('tnt_1', checkpoints)).toMatchObject({ ok: false, firstBad: { sequence: 4 } });
  });

  test('cannot remove, swap or insert entries unseen', async () => {
    const change = (sql: string) => tamper(shared.url, sql);
    await change(`update audit_entry set sequence = 100 where sequence = 3`);
    await change(`update audit_entry set sequence = 3 where sequence = 7`);
    await change(`update audit_entry set sequence = 7 where sequence = 100`);
    expect(await verify('tnt_1', checkpoints)).toEqual(firstBad(3, 'hash_mismatch'));
    await change(`delete from audit_entry where sequence = 2`);
    expect(await verify('tnt_1', checkpoints)).toEqual(firstBad(2, 'missing'));
    const [id] = await insertEvents(pool, 1);
    await pool.query('insert into audit_entry (tenant_id, sequence, event_id, hash) values ($1, 2, $2, $3)', [
      'tnt_1',
      id,
      Buffer.alloc(32),
    ]);
    expect(await verify('tnt_1', checkpoints)).toEqual(firstBad(2, 'hash_mismatch'));
  });

  test('cannot cut the tail off unseen, if a checkpoint was exported', async () => {
    await tamper(shared.url, 'delete from audit_entry where sequence > 6');
    expect(await verify('tnt_1', checkpoints)).toEqual(firstBad(7, 'tail_cut'));
  });

  test('cannot have the whole chain rewritten by our own sealer unseen, if a checkpoint was exported', async () => {
    await tamper(shared.url, `update event set type = 'challenge.rejected' where id = ${at(4)}`);
    await tamper(shared.url, 'truncate audit_entry, audit_chain, audit_checkpoint');
    await pool.query(`update audit_cursor set tx = '0'`);
    await sealAll();
    expect(await verify('tnt_1', [])).toMatchObject({ ok: true, entries: 10, coveredUpTo: 0 });
    expect(await verify('tnt_1', checkpoints)).toEqual(firstBad(10, 'checkpoint_mismatch'));
  });
});

describe('checkpoints', () => {
  const sequences = async (tenantId?: string) => (await readCheckpoints(tenantId)).map((each) => each.sequence);

  test('are signed once a minute for chains that have grown, and for no others', async () => {
    await insertEvents(pool, 2);
    await sealAll();
    expect(await signer.sign()).toBe(1);
    expect(await signer.sign()).toBe(0);
    await insertEvents(pool, 1);
    await insertEvents(pool, 1, { tenantId: 'tnt_2' });
    await sealAll();
    expect(await signer.sign()).toBe(1);
    expect(await sequences()).toEqual([2]);
    expect(await sequences('tnt_2')).toEqual([1]);
    await tamper(shared.url, `update audit_checkpoint set signed_at = signed_at - interval '61 seconds'`);
    expect(await signer.sign()).toBe(1);
    expect(await sequences()).toEqual([2, 3]);
    await tamper(shared.url, `update audit_checkpoint set signed_at = signed_at - interval '1 day'`);
    expect(await signer.sign(true)).toBe(0);
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
    expect(await sequences()).toEqual([1, 1001]);
    expect(await verify()).toMatchObject({ ok: true, coveredUpTo: 1001 });
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
    expect(await readChain()).toHaveLength(1 + ids.length);
    expect(await verify()).toMatchObject({ ok: true, coveredUpTo: 6 });
  });
});
