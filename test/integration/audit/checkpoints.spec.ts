import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { noWitness, openCheckpoint, parseVkey } from '#audit-log';
import { tamper } from '../../support/tamper.js';
import {
  database,
  insertEvents,
  keys,
  lines,
  openSigner,
  pool,
  readCheckpoints,
  readLog,
  sealAll,
  shared,
  signer,
  startWorker,
  state,
  untilSealed,
  verify,
} from '../../support/sealed-log.js';

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
    const types = (await readLog()).map(({ event }) => event.type);
    expect(types).toHaveLength(1 + ids.length + 2);
    expect(types.filter((type) => type.startsWith('sealing.'))).toEqual(['sealing.started', 'sealing.stopped']);
    expect(types.at(-1)).toBe('sealing.stopped');
    expect(await verify()).toMatchObject({ ok: true, vouchedFor: 8 });
  });
});
