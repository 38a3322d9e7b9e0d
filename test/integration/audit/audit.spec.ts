import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { declaredStatements } from '#persistence';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { batchSize } from '../../../apps/audit-worker/src/seal-events.sql.js';
import {
  clients,
  database,
  expectSealedOnce,
  faults,
  insertEvents,
  lines,
  openAnother,
  openTransaction,
  pool,
  readLog,
  sealAll,
  sealFinal,
  shared,
  startWorker,
  untilSealed,
  verify,
  writeAtOnce,
} from '../../support/sealed-log.js';

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
