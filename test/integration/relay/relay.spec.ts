import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { migrateQueues } from '#messaging';
import { SettingsError } from '#runtime';
import { publishOutbox } from '../../../apps/relay/src/publish-outbox.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { describeOnBackends, postgres } from '../../support/queue-backends.js';
import { openQueues } from '../../support/queues.js';
import {
  consumer,
  enqueue,
  lines,
  logger,
  openBefore,
  publication,
  queues,
  relay,
  relays,
  rows,
  sql,
  store,
  test,
  until,
  waitingIds,
} from '../../support/relayed-jobs.js';

describeOnBackends('the relay', (backend) => {
  openBefore(backend);

  it('brings work from the outbox to its worker', async () => {
    const { seen } = consumer();
    const ids = await enqueue(3);
    const [followed = ''] = ids;
    await sql.query(`update outbox set payload = payload || '{"requestId": "req_1"}' where id = $1`, [followed]);
    await relay();
    await until(async () => (await rows('select 1 from outbox')).length === 0);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    // Whoever follows a login finds its request at info, where the level stands, on the way out and when it is done.
    const told = lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId === 'req_1');
    expect(told).toMatchObject([
      { level: 30, msg: 'published', eventId: followed, job: 'deliver-sms' },
      { level: 30, msg: 'job done', jobId: followed, job: 'deliver-sms' },
    ]);
  });

  it('publishes each row once, with two of them at work', async () => {
    const ids = await enqueue(2000);
    const other = await openQueues(store.url, logger);
    try {
      await Promise.all([relay(), relay(other)]);
      await until(async () => (await rows('select 1 from outbox where published_at is null')).length === 0);
      expect(await rows('select publications, count(*)::int as n from outbox group by 1')).toEqual([
        { publications: 1, n: 2000 },
      ]);
      expect(await waitingIds()).toEqual(ids.toSorted());
    } finally {
      await Promise.all(relays.splice(0).map((one) => one.stop()));
      await other.close();
    }
  });

  it('publishes again what it could not mark, and the queue takes it once', async () => {
    const [id] = await enqueue(1);
    await publishOutbox(test.database, queues);
    // As after a crash between the queue's commit and its own.
    await sql.query('update outbox set published_at = null, publications = 0');
    await publishOutbox(test.database, queues);
    expect(await waitingIds()).toEqual([id]);
  });

  it('marks nothing that the queue did not take', async () => {
    const [id] = await enqueue(1);
    const away = { publish: () => Promise.reject(new Error('away')) };
    await expect(publishOutbox(test.database, away)).rejects.toThrow('away');
    expect(await rows('select id, publications from outbox where published_at is null')).toEqual([
      { id, publications: 0 },
    ]);
  });

  it('leaves jobs that it does not know to a newer relay', async () => {
    await sql.query(`insert into outbox (id, job, line, payload) values ('evt_1', 'not-yet-invented', '', '{}')`);
    const [known] = await enqueue(1);
    expect(await publishOutbox(test.database, queues)).toHaveLength(1);
    expect(await rows('select id from outbox where published_at is not null')).toEqual([{ id: known }]);
    await sql.query(`update outbox set created_at = created_at - interval '1 day'`);
    await reconcile(test.database);
    expect(await publishOutbox(test.database, queues)).toEqual([]);
    expect(await rows('select id, publications from outbox where published_at is null')).toEqual([
      { id: 'evt_1', publications: 0 },
    ]);
    expect(await waitingIds()).toEqual([known]);
  });

  it('waits while the queue is away, says so once, and goes on by itself', async () => {
    const { wake } = await relay();
    await store.takeAway();
    const [id] = await enqueue(1);
    const { seen } = consumer();
    const said = (words: string) => lines.filter((line) => line.includes(words)).length;
    await until(() => said('publishing failed') > 0);
    wake();
    await sleep(1500);
    expect(said('publishing failed')).toBe(1);
    expect(await rows('select publications from outbox')).toEqual([{ publications: 0 }]);
    await store.bringBack();
    // A worker may have the job before the relay has heard that it was taken.
    await until(() => seen.length > 0 && said('publishing works again') > 0);
    expect(seen).toEqual([id]);
    expect(said('publishing works again')).toBe(1);
  });

  it('stops at once, and what is left is published by the next', async () => {
    const first = await relay();
    await first.stop();
    await enqueue(1);
    first.wake();
    await sleep(100);
    expect(await rows('select publications from outbox')).toEqual([{ publications: 0 }]);
    await relay();
    await until(async () => (await rows('select 1 from outbox where publications = 1')).length === 1);
  });
});

describeOnBackends('a lost queue', (backend) => {
  openBefore(backend);

  it('loses nothing: its jobs are published again', async () => {
    const ids = await enqueue(20);
    await publishOutbox(test.database, queues);
    await store.lose();
    expect(await waitingIds()).toEqual([]);

    expect((await reconcile(test.database, queues)).lost).toBe(0);
    await sql.query(`update outbox set published_at = published_at - interval '16 seconds'`);
    expect((await reconcile(test.database, queues)).lost).toBe(20);

    const { seen } = consumer();
    await relay();
    await until(async () => (await rows('select 1 from outbox')).length === 0);
    expect(seen.toSorted()).toEqual(ids.map((id) => `${id}-r1`).toSorted());
  });
});

describeOnBackends('queues', (backend) => {
  openBefore(backend);

  it('answer a look, fail it while they are away, and answer again', async () => {
    await queues.probe();
    await store.takeAway();
    await expect(queues.probe()).rejects.toThrow();
    await store.bringBack();
    await until(() =>
      queues.probe().then(
        () => true,
        () => false,
      ),
    );
  });
});

describeOnBackends('queues that are away', (backend) => {
  openBefore(backend);

  it('do not keep a process from its end', async () => {
    const { consumer: worker } = consumer();
    await store.takeAway();
    await until(() => lines.some((line) => line.includes('queue error')));
    await worker.close();
    await queues.close();
    await store.bringBack();
  });
});

describe('queues on PostgreSQL', () => {
  openBefore(postgres);

  it('do not run hot when the tables of the queue go in the middle of work, and go on when they are back', async () => {
    const rollbacks = async () => {
      const [row] = await rows<{ n: number }>(
        'select xact_rollback::int as n from pg_stat_database where datname = current_database()',
      );
      return row?.n ?? 0;
    };
    const { seen } = consumer(queues, async () => {
      if (seen.length === 1) await store.takeAway();
    });
    const before = await rollbacks();
    // A backlog: a worker that has just found its queue empty would sleep for 5 s anyway.
    await queues.publish(Array.from({ length: 50 }, (_, n) => publication(`evt_${n}`)));
    await sleep(2500);
    // Each try is rolled back: some a second, not a loop that burns the processor.
    expect((await rollbacks()) - before).toBeLessThan(100);
    await store.bringBack();
    await until(() => seen.includes('evt_49'));
  });

  it('do not open before they are migrated', async () => {
    await sql.query('drop schema sallyport_queue cascade');
    await expect(openQueues(test.url, logger)).rejects.toThrow('npm run migrate');
    await Promise.all([migrateQueues(test.url), migrateQueues(test.url)]);
    await (await openQueues(test.url, logger)).close();
  });

  it('keep to their schema where the address has options of its own', async () => {
    const url = new URL(test.url);
    url.searchParams.set('options', '-c statement_timeout=5000');
    const own = await openQueues(url.href, logger);
    await own.publish([{ job: 'deliver-sms', id: 'evt_1', payload: { deliveryId: 'dlv_1' } }]);
    await own.close();
    expect(await rows('select id from sallyport_queue.job')).toEqual([{ id: 'evt_1' }]);
  });
});

describe('queues', () => {
  it('refuse an address that they have no backend for', async () => {
    await expect(openQueues('redis://localhost?family=6', logger)).rejects.toBeInstanceOf(SettingsError);
  });
});
