import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { jobs, newId } from '#contracts';
import { type Handlers, migrateQueues, type Publication } from '#messaging';
import { createLogger, SettingsError, type RunningApp } from '#runtime';
import { publishOutbox } from '../../../apps/relay/src/publish-outbox.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import {
  describeOnBackends,
  jobIn,
  postgres,
  type QueueBackend,
  type QueueStore,
} from '../../support/queue-backends.js';
import { startRelay } from '../../support/apps.js';
import { type Consumer, openQueues, type Queues } from '../../support/queues.js';

let lines: string[];
const logger = createLogger(
  'test',
  new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) }),
);

let test: TestDatabase;
let sql: pg.Client;
let store: QueueStore;
let queues: Queues;
const relays: RunningApp[] = [];

beforeEach(async () => {
  lines = [];
  test = await createTestDatabase();
  sql = new pg.Client(test.url);
  await sql.connect();
});

afterEach(async () => {
  await sql.end();
  await test.close();
});

/** For tests that need a queue: `store` and `queues`, fresh each time. */
function openBefore(backend: QueueBackend): void {
  beforeEach(async () => {
    store = await backend.open(test.url);
    queues = await openQueues(store.url, logger);
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await queues.close();
    await store.close();
  });
}

/** Waits until something is so; the test's own time limit says when it never will be. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(20);
}

async function rows<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await sql.query(text, values)).rows as Row[];
}

async function relay(of: Queues = queues) {
  const started = await startRelay({ database: test.database, queues: of, logger });
  relays.push(started);
  return started;
}

/** Puts work for the sms queue into the outbox. */
async function enqueue(count: number, payload: object | null = null): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('event'));
  await sql.query(
    `insert into outbox (id, job, payload)
     select id, 'deliver-sms', coalesce($2::jsonb, jsonb_build_object('deliveryId', id)) from unnest($1::text[]) id`,
    [ids, payload && JSON.stringify(payload)],
  );
  return ids;
}

const done = (deliveryId: string) => sql.query(`delete from outbox where payload ->> 'deliveryId' = $1`, [deliveryId]);

/** Takes deliveries to the end, as a worker does, and remembers them. */
function consumer(
  of: Queues = queues,
  handler?: Handlers<'sms'>['deliver-sms'],
): { seen: string[]; consumer: Consumer } {
  const seen: string[] = [];
  const handlers: Handlers<'sms'> = {
    'deliver-sms': async (payload, context) => {
      seen.push(context.jobId);
      if (handler) return handler(payload, context);
      await done(payload.deliveryId);
    },
    'deliver-sms-notice': async () => undefined,
  };
  return { seen, consumer: of.consume('sms', handlers, { concurrency: 5, logger }) };
}

const job = (id: string) => jobIn(store.raw('sms'), id);

/** Ids of all jobs in the sms queue that wait for a worker. */
async function waitingIds(): Promise<(string | undefined)[]> {
  const found = await store.raw('sms').getJobs(['waiting', 'prioritized']);
  return found.map(({ id }) => id).toSorted();
}

const publication = (id: string, payload: object = { deliveryId: 'dlv_1' }) =>
  ({ job: 'deliver-sms', id, payload }) as Publication;

describeOnBackends('the relay', (backend) => {
  openBefore(backend);

  it('brings work from the outbox to its worker', async () => {
    const { seen } = consumer();
    const { wake } = await relay();
    const ids = await enqueue(3);
    const [followed = ''] = ids;
    await sql.query(`update outbox set payload = payload || '{"requestId": "req_1"}' where id = $1`, [followed]);
    wake();
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

  it('leaves jobs that it does not know to a newer relay', async () => {
    await sql.query(`insert into outbox (id, job, payload) values ('evt_1', 'not-yet-invented', '{}')`);
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

    expect((await reconcile(test.database)).lost).toBe(0);
    await sql.query(`update outbox set published_at = published_at - interval '16 seconds'`);
    expect((await reconcile(test.database)).lost).toBe(20);

    const { seen } = consumer();
    await relay();
    await until(async () => (await rows('select 1 from outbox')).length === 0);
    expect(seen.toSorted()).toEqual(ids.map((id) => `${id}-r1`).toSorted());
  });
});

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

  it('is published on and on where no worker has begun it, or the queue has lost it', async () => {
    const ids = await enqueue(2);
    await publishTenth(ids, () => true);
    expect(await reconcile(test.database, queues)).toMatchObject({ lost: 2, setAside: [] });
    await publishOutbox(test.database, queues);
    await store.lose();
    await sql.query(`update outbox set published_at = published_at - interval '1 hour'`);
    expect(await reconcile(test.database, queues)).toMatchObject({ lost: 2, setAside: [] });
    await publishOutbox(test.database, queues);
    expect(await waitingIds()).toEqual(ids.map((id) => `${id}-r11`).toSorted());
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
      `insert into outbox (id, job, payload, published_at, publications)
       values ('evt_1', 'not-yet-invented', '{}', now() - interval '1 hour', 10)`,
    );
    await store.takeAway();
    await expect(reconcile(test.database, queues)).rejects.toThrow();
    await store.bringBack();
    await until(() =>
      reconcile(test.database, queues).then(
        ({ lost }) => lost === 1,
        () => false,
      ),
    );
    expect(await aside()).toEqual([]);
    expect(await rows('select id from outbox where published_at is null')).toEqual([{ id }]);
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
