import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import { jobs } from '#contracts';
import { publishOutbox } from '../../../apps/relay/src/publish-outbox.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { describeOnBackends, jobIn } from '../../support/queue-backends.js';
import {
  consumer,
  done,
  enqueue,
  lines,
  openBefore,
  publication,
  queues,
  rows,
  sql,
  store,
  test,
  until,
  waitingIds,
} from '../../support/relayed-jobs.js';

const job = (id: string) => jobIn(store.raw('sms'), id);

describeOnBackends('a worker', (backend) => {
  openBefore(backend);

  it('runs a job again when its handler asks for it, without counting an attempt', async () => {
    let retryAt = new Date(0);
    const { seen } = consumer(queues, async () => {
      if (retryAt.getTime() > 0) return;
      retryAt = new Date(Date.now() + 300);
      return { retryAt };
    });
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    await until(async () => (await job('evt_1'))?.state === 'completed');
    expect(seen).toEqual(['evt_1', 'evt_1']);
    expect(Date.now()).toBeGreaterThanOrEqual(retryAt.getTime());
    // Completing counts one; the wait before it none.
    expect(await job('evt_1')).toMatchObject({ attemptsMade: 1, failedReason: null });
  });

  it('fails a job that does not parse for good', async () => {
    const { seen } = consumer();
    await queues.publish([publication('evt_1', { deliveryId: 482_913 }), publication('evt_2')]);
    await until(async () => (await job('evt_1'))?.state === 'failed');
    await until(() => seen.length > 0);
    expect(seen).toEqual(['evt_2']);
    expect(await job('evt_1')).toMatchObject({ attemptsMade: 1, failedReason: expect.stringContaining('deliveryId') });
    expect(lines.filter((line) => line.includes('failed permanently'))).toHaveLength(1);
  });

  it('tries again after an error, and the queue keeps nothing of its words', async () => {
    let runs = 0;
    const { seen } = consumer(queues, async () => {
      if (++runs === 1) throw new Error('the number +31612345678 does not answer');
    });
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    await until(async () => (await job('evt_1'))?.state === 'delayed');
    expect(await job('evt_1')).toMatchObject({ failedReason: expect.stringContaining('Error:'), stacktrace: [] });
    await until(async () => (await job('evt_1'))?.state === 'completed');
    const everything = (await store.contents()).map(({ text }) => text).join('\n');
    expect(everything).toContain('evt_1');
    expect(everything).not.toContain('31612345678');
  });

  it('understands the version before, and what it cannot understand fails for good, seen and not lost', async () => {
    const { version } = jobs['deliver-sms'];
    const ids = await enqueue(3);
    await sql.query('update outbox set published_at = now(), publications = 1');
    const [old, newer, renamed] = ids as [string, string, string];
    const add = (id: string, name: string, of: number) =>
      store.raw('sms').add(name, { version: of, deliveryId: id }, { jobId: id, attempts: 20, priority: 1 });
    await add(old, 'deliver-sms', version - 1);
    await add(newer, 'deliver-sms', version + 1);
    await add(renamed, 'deliver-sms-kindly', version);
    const { seen } = consumer();
    for (const id of [newer, renamed]) await until(async () => (await job(id))?.state === 'failed');
    await until(async () => (await job(old))?.state === 'completed');
    expect(seen).toEqual([old]);
    const reasons = [
      [newer, `its version is not ${version} or the one before`],
      [renamed, 'there is no such job in this queue'],
    ];
    for (const [id = '', reason] of reasons) {
      expect(await job(id)).toMatchObject({ attemptsMade: 1, failedReason: reason });
      const told = lines.filter((line) => line.includes(id));
      expect(told).toHaveLength(1);
      expect(JSON.parse(told[0] ?? '')).toMatchObject({ level: 50, msg: `job failed permanently: ${reason}` });
    }

    // Its row stands until it is done: when all run one version, it is.
    await sql.query(`update outbox set published_at = published_at - interval '16 seconds'`);
    expect((await reconcile(test.database)).lost).toBe(2);
    await publishOutbox(test.database, queues);
    await until(async () => (await rows('select from outbox')).length === 0);
    expect(seen.toSorted()).toEqual([old, `${newer}-r1`, `${renamed}-r1`].toSorted());
  });

  it('that is closed in the middle of a job finishes it, and begins no more than one that was on its way', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { seen, consumer: worker } = consumer(queues, () => gate);
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    const closing = worker.close();
    const later = ['evt_2', 'evt_3', 'evt_4'];
    await queues.publish(later.map((id) => publication(id)));
    await sleep(100);
    expect(await job('evt_1')).toMatchObject({ state: 'active' });
    release();
    await closing;
    expect(await job('evt_1')).toMatchObject({ state: 'completed' });
    // On Redis the wait for a job can end with one while the worker begins to close.
    expect(seen.length).toBeLessThanOrEqual(2);
    for (const id of later) {
      expect(await job(id)).toMatchObject({ state: seen.includes(id) ? 'completed' : 'waiting' });
    }
  });

  it('leaves no connection behind where it is closed before it is ready', async () => {
    for (let after = 0; after < 10; after += 1) {
      const { consumer: worker } = consumer();
      await new Promise((done) => setTimeout(done, after * 2));
      await worker.close();
    }
  });

  it('comes back after its connections were cut', async () => {
    const { seen } = consumer();
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    await store.cutConnections();
    await until(() =>
      queues.publish([publication('evt_2')]).then(
        () => true,
        () => false,
      ),
    );
    await until(() => seen.length === 2);
    expect(seen).toEqual(['evt_1', 'evt_2']);
  });
});

describeOnBackends('a job that is published and never done', (backend) => {
  openBefore(backend);

  /** Published for the tenth time, and then an hour goes by. */
  async function publishTenth(ids: string[], then: () => boolean | Promise<boolean>): Promise<void> {
    await sql.query('update outbox set publications = 9 where id = any ($1)', [ids]);
    await publishOutbox(test.database, queues);
    await until(then);
    await sql.query(`update outbox set published_at = published_at - interval '1 hour'`);
  }
  const aside = () => rows('select id, failure from outbox where set_aside_at is not null order by id');
  const failed = async (id: string) => ((await job(`${id}-r9`))?.failedReason ?? null) !== null;

  it('is set aside where its handler always fails, and the others go on', async () => {
    const [bad = '', good = ''] = await enqueue(2);
    const { seen } = consumer(queues, async ({ deliveryId }) => {
      if (deliveryId === bad) throw new RangeError('the number +31612345678 does not answer');
      await done(deliveryId);
    });
    await publishTenth([bad, good], async () => (await failed(bad)) && seen.includes(`${good}-r9`));
    const { lost, setAside } = await reconcile(test.database, queues);
    expect({ lost, setAside }).toEqual({
      lost: 0,
      setAside: [{ id: bad, job: 'deliver-sms', failure: 'RangeError', publications: 10 }],
    });
    expect(await aside()).toEqual([{ id: bad, failure: 'RangeError' }]);
    // From now on nobody publishes it, or asks for it.
    await sql.query(`update outbox set published_at = published_at - interval '1 day'`);
    const asked = jest.spyOn(queues, 'faultOf');
    expect(await reconcile(test.database, queues)).toMatchObject({ lost: 0, setAside: [] });
    expect(asked).not.toHaveBeenCalled();
    expect(await publishOutbox(test.database, queues)).toEqual([]);
    expect(await rows('select id from outbox')).toEqual([{ id: bad }]);
  });

  it('is set aside where nobody can read it', async () => {
    const [id = ''] = await enqueue(1, { deliveryId: 482_913 });
    consumer();
    await publishTenth([id], () => failed(id));
    expect(await reconcile(test.database, queues)).toMatchObject({
      lost: 0,
      setAside: [{ failure: 'not_understood' }],
    });
  });

  it('is set aside where its worker hangs, or ends with it', async () => {
    const [id = ''] = await enqueue(1);
    let begun = false;
    let release = () => {};
    const hanging = new Promise<void>((resolve) => (release = resolve));
    consumer(queues, () => {
      begun = true;
      return hanging;
    });
    try {
      await publishTenth([id], () => begun);
      expect(await reconcile(test.database, queues)).toMatchObject({ lost: 0, setAside: [{ failure: 'worker_lost' }] });
    } finally {
      release();
    }
  });

  it('stays in its queue where no worker has begun it, and is published on and on where the queue has lost it', async () => {
    const ids = await enqueue(2);
    await publishTenth(ids, () => true);
    expect(await reconcile(test.database, queues)).toMatchObject({ lost: 0, waiting: 2, setAside: [] });
    for (const round of [10, 11]) {
      await store.lose();
      await sql.query(
        `update outbox set published_at = published_at - interval '1 hour', left_until = left_until - interval '1 hour'`,
      );
      expect(await reconcile(test.database, queues)).toMatchObject({ lost: 2, waiting: 0, setAside: [] });
      await publishOutbox(test.database, queues);
      expect(await waitingIds()).toEqual(ids.map((id) => `${id}-r${round}`).toSorted());
    }
  });

  it('is published on and on where it is for a worker of another version', async () => {
    const { version } = jobs['deliver-sms'];
    const ids = await enqueue(2);
    const [newer, renamed] = ids as [string, string];
    await sql.query('update outbox set published_at = now(), publications = 10');
    const add = (id: string, name: string, of: number) =>
      store.raw('sms').add(name, { version: of, deliveryId: id }, { jobId: `${id}-r9`, attempts: 20, priority: 1 });
    await add(newer, 'deliver-sms', version + 1);
    await add(renamed, 'deliver-sms-kindly', version);
    consumer();
    for (const id of ids) await until(async () => (await job(`${id}-r9`))?.state === 'failed');
    await sql.query(`update outbox set published_at = published_at - interval '1 hour'`);
    expect(await reconcile(test.database, queues)).toMatchObject({ lost: 2, setAside: [] });
  });

  it('is left alone while the queue does not answer, and by a relay that does not know it', async () => {
    const [id = ''] = await enqueue(1);
    await publishTenth([id], () => true);
    await sql.query(
      `insert into outbox (id, job, line, payload, published_at, publications)
       values ('evt_1', 'not-yet-invented', '', '{}', now() - interval '1 hour', 10)`,
    );
    await store.takeAway();
    await expect(reconcile(test.database, queues)).rejects.toThrow();
    await store.bringBack();
    await until(() =>
      reconcile(test.database, queues).then(
        ({ waiting }) => waiting === 1,
        () => false,
      ),
    );
    expect(await aside()).toEqual([]);
    expect(await rows('select id from outbox where left_until is not null')).toEqual([{ id }]);
  });
});
