import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { events, newId, type EventName } from '#contracts';
import { type Consumer, type Handlers, migrateQueues, openQueues, type Publication, type Queues } from '#messaging';
import { createLogger, SettingsError, type RunningApp } from '#runtime';
import { startRelay } from '../../apps/relay/src/app.js';
import { publishOutbox } from '../../apps/relay/src/publish-outbox.js';
import { purgeExpired, reconcile } from '../../apps/relay/src/reconcile.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let lines: string[];
const logger = createLogger(
  'test',
  new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) }),
);

let test: TestDatabase;
let sql: pg.Client;
let queues: Queues;
const relays: RunningApp[] = [];

beforeEach(async () => {
  lines = [];
  test = await createTestDatabase();
  sql = new pg.Client(test.url);
  await sql.connect();
  queues = await openQueues(test.url, logger);
});

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await queues.close();
  await sql.end();
  await test.close();
});

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
  };
  return { seen, consumer: of.consume('sms', handlers, { concurrency: 5, logger }) };
}

async function seedUser() {
  await sql.query(`insert into tenant (id, name) values ('tnt_1', 'one')`);
  await sql.query(`insert into account (id, tenant_id, external_id) values ('acc_1', 'tnt_1', 'customer 7')`);
  await sql.query(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
     values ('usr_1', 'tnt_1', 'acc_1', 'person 8', 'person', '', '')`,
  );
}

/** A delivery of a code, with its job in the outbox. */
async function seedDelivery(id: string, columns: Record<string, string> = {}) {
  const all: Record<string, string> = {
    id: `'${id}'`,
    tenant_id: `'tnt_1'`,
    user_id: `'usr_1'`,
    device_id: `'dev_1'`,
    challenge_id: `'chl_1'`,
    channel: `'sms'`,
    kind: `'code'`,
    payload_sealed: `'\\x01'`,
    request_id: `'req_1'`,
    expires_at: `now() + interval '5 minutes'`,
    ...columns,
  };
  await sql.query(`insert into delivery (${Object.keys(all).join()}) values (${Object.values(all).join()})`);
  await sql.query(
    `insert into outbox (id, job, payload) values ($1, 'deliver-sms', jsonb_build_object('deliveryId', $2::text))`,
    [newId('event'), id],
  );
}

describe('the relay', () => {
  it('brings work from the outbox to its worker', async () => {
    const { seen } = consumer();
    const { wake } = await relay();
    const ids = await enqueue(3);
    wake();
    await until(async () => (await rows('select 1 from outbox')).length === 0);
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('publishes each row once, with two of them at work', async () => {
    const ids = await enqueue(2000);
    const other = await openQueues(test.url, logger);
    try {
      await Promise.all([relay(), relay(other)]);
      await until(async () => (await rows('select 1 from outbox where published_at is null')).length === 0);
      expect(await rows('select publications, count(*)::int as n from outbox group by 1')).toEqual([
        { publications: 1, n: 2000 },
      ]);
      const published = await rows<{ id: string }>('select id from sallyport_queue.job');
      expect(published.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
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
    expect(await rows('select id from sallyport_queue.job')).toEqual([{ id }]);
  });

  it('leaves jobs that it does not know to a newer relay', async () => {
    await sql.query(`insert into outbox (id, job, payload) values ('evt_1', 'not-yet-invented', '{}')`);
    const [known] = await enqueue(1);
    expect(await publishOutbox(test.database, queues)).toHaveLength(1);
    expect(await rows('select id from outbox where published_at is not null')).toEqual([{ id: known }]);
  });

  it('waits while the queue is away, says so once, and goes on by itself', async () => {
    await sql.query('alter schema sallyport_queue rename to away');
    const [id] = await enqueue(1);
    const { seen } = consumer();
    const { wake } = await relay();
    const failures = () => lines.filter((line) => line.includes('publishing fails')).length;
    await until(() => failures() > 0);
    wake();
    await sleep(1500);
    expect(failures()).toBe(1);
    expect(await rows('select publications from outbox')).toEqual([{ publications: 0 }]);
    await sql.query('alter schema away rename to sallyport_queue');
    await until(() => seen.length > 0);
    expect(seen).toEqual([id]);
    expect(lines.filter((line) => line.includes('publishing works again'))).toHaveLength(1);
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

describe('a lost queue', () => {
  it('loses nothing: its jobs are published again', async () => {
    const ids = await enqueue(20);
    await publishOutbox(test.database, queues);
    await sql.query('drop schema sallyport_queue cascade');
    await migrateQueues(test.url);

    expect((await reconcile(test.database)).lost).toBe(0);
    await sql.query(`update outbox set published_at = published_at - interval '16 seconds'`);
    expect((await reconcile(test.database)).lost).toBe(20);

    const { seen } = consumer();
    await relay();
    await until(async () => (await rows('select 1 from outbox')).length === 0);
    expect(seen.toSorted()).toEqual(ids.map((id) => `${id}-r1`).toSorted());
  });

  it('has more patience with each publication', async () => {
    await enqueue(1);
    const age = async (publications: number, seconds: number) => {
      await sql.query(`update outbox set publications = $1, published_at = now() - $2 * interval '1 second'`, [
        publications,
        seconds,
      ]);
      return (await reconcile(test.database)).lost;
    };
    expect(await age(1, 14)).toBe(0);
    expect(await age(1, 16)).toBe(1);
    expect(await age(4, 55)).toBe(0);
    expect(await age(4, 65)).toBe(1);
    expect(await age(1000, 295)).toBe(0);
    expect(await age(1000, 305)).toBe(1);
  });

  it('leaves alone deliveries that wait on purpose', async () => {
    await seedUser();
    await seedDelivery('dlv_sending', {
      status: `'sending'`,
      lease_until: `now() + interval '20 seconds'`,
      next_attempt_at: `now() - interval '1 minute'`,
    });
    await seedDelivery('dlv_waiting', { next_attempt_at: `now() + interval '20 seconds'` });
    await seedDelivery('dlv_due', { next_attempt_at: `now() - interval '20 seconds'` });
    await seedDelivery('dlv_crashed', {
      status: `'sending'`,
      lease_until: `now() - interval '1 second'`,
      next_attempt_at: `now() - interval '1 minute'`,
    });
    await sql.query(`update outbox set publications = 1, published_at = now() - interval '1 minute'`);
    expect((await reconcile(test.database)).lost).toBe(2);
    const again = await rows(`select payload ->> 'deliveryId' as id from outbox where published_at is null order by 1`);
    expect(again).toEqual([{ id: 'dlv_crashed' }, { id: 'dlv_due' }]);
  });
});

describe('what time makes due', () => {
  const past = `now() - interval '1 second'`;
  const recorded = () =>
    rows<{ type: EventName; data: unknown }>("select * from event order by data ->> 'deliveryId', id");

  it('ends deliveries once, with their code, their job and an event', async () => {
    await seedUser();
    await seedDelivery('dlv_1', { expires_at: past });
    await seedDelivery('dlv_2', {
      expires_at: past,
      status: `'sending'`,
      lease_until: past,
      fence: '2',
      challenge_id: 'null',
    });
    await seedDelivery('dlv_alive');
    await seedDelivery('dlv_leased', {
      expires_at: past,
      status: `'sending'`,
      lease_until: `now() + interval '9 seconds'`,
    });
    await seedDelivery('dlv_sent', { expires_at: past, status: `'sent'`, payload_sealed: 'null' });
    await seedDelivery('dlv_notice', { expires_at: past, kind: `'notice'`, channel: `'email'` });

    const atOnce = () => Promise.all(Array.from({ length: 8 }, () => reconcile(test.database)));
    // Another one has them in its hands: nobody waits for it, and nobody does its work a second time.
    await sql.query('begin');
    await sql.query('select 1 from delivery for update');
    for (const { deliveries } of await atOnce()) expect(deliveries).toBe(0);
    await sql.query('commit');
    const found = await atOnce();
    expect(found.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(3);

    const expired = await rows(
      `select id, payload_sealed, ended_at from delivery where status = 'expired' order by id`,
    );
    expect(expired).toMatchObject(
      ['dlv_1', 'dlv_2', 'dlv_notice'].map((id) => ({ id, payload_sealed: null, ended_at: expect.any(Date) })),
    );
    const left = await rows(`select payload ->> 'deliveryId' as id from outbox order by 1`);
    expect(left).toEqual([{ id: 'dlv_alive' }, { id: 'dlv_leased' }, { id: 'dlv_sent' }]);

    const told = await recorded();
    expect(told).toMatchObject([
      {
        type: 'code.expired',
        tenant_id: 'tnt_1',
        account_id: 'customer 7',
        user_id: 'person 8',
        user_ref: 'usr_1',
        request_id: 'req_1',
        data: { deliveryId: 'dlv_1', deviceId: 'dev_1', method: 'sms', challengeId: 'chl_1', attempts: 0 },
      },
      { data: { deliveryId: 'dlv_2', deviceId: 'dev_1', method: 'sms', attempts: 2 } },
    ]);
    for (const { type, data } of told) expect(events[type].data.parse(data)).toEqual(data);
  });

  it('ends challenges once, with an event, however many there are', async () => {
    await seedUser();
    await sql.query(
      `insert into challenge (id, tenant_id, user_id, purpose, application, max_checks, status, expires_at)
       select 'chl_' || n, 'tnt_1', 'usr_1', 'login', case when n % 2 = 0 then 'panel' end, 5,
         case when n = 1 then 'approved' else 'pending' end, now() + case when n = 2 then interval '1 minute' else interval '-1 second' end
       from generate_series(1, 1202) n`,
    );
    const found = await Promise.all([reconcile(test.database), reconcile(test.database)]);
    expect(found.reduce((sum, { challenges }) => sum + challenges, 0)).toBe(1200);
    const told = await recorded();
    expect(new Set(told.map(({ data }) => (data as { challengeId: string }).challengeId)).size).toBe(1200);
    expect(told).toHaveLength(1200);
    expect(told.every((event) => /^evt_[0-9a-z]{26}$/.test((event as unknown as { id: string }).id))).toBe(true);
    for (const { type, data } of told) expect(events[type].data.parse(data)).toEqual(data);
    expect(await rows(`select id from challenge where status <> 'expired' order by id`)).toEqual([
      { id: 'chl_1' },
      { id: 'chl_2' },
    ]);
  });

  it('removes what nobody asks about any more, and nothing else', async () => {
    await seedUser();
    const old = `now() - interval '25 hours'`;
    for (const [key, at] of [
      ['old', past],
      ['new', `now() + interval '1 hour'`],
    ]) {
      await sql.query(`insert into idempotent_answer values ('${key}', '', '', ${at})`);
      await sql.query(`insert into used_proof values ('${key}', ${at})`);
    }
    for (const [key, at] of [
      ['old', old],
      ['new', past],
    ]) {
      await sql.query(
        `insert into code (subject_id, device_id, id, expires_at) values ('${key}', 'dev', 'cod_1', ${at})`,
      );
    }
    await sql.query(`insert into sms_quota values ('old', current_date - 4, 1), ('new', current_date - 3, 1)`);
    for (const [id, status, at] of [
      ['old', 'unverified', old],
      ['new', 'unverified', past],
      ['kept', 'verified', old],
    ]) {
      await sql.query(
        `insert into device (id, tenant_id, user_id, method, name, status, enrolment_expires_at)
         values ('${id}', 'tnt_1', 'usr_1', 'totp', 'phone', '${status}', ${at})`,
      );
    }
    expect(await purgeExpired(test.database)).toBe(5);
    const left = await rows(
      `select convert_from(key, 'utf8') as id from idempotent_answer union all select id from used_proof
       union all select subject_id from code union all select convert_from(key, 'utf8') from sms_quota
       union all select id from device order by 1`,
    );
    expect(left.map(({ id }) => id)).toEqual(['kept', 'new', 'new', 'new', 'new', 'new']);
  });
});

describe('a worker', () => {
  const job = (id: string) =>
    rows(`select state::text, failed_reason, stacktrace, attempts_made from sallyport_queue.job where id = $1`, [id]);
  const publication = (id: string, payload: object = { deliveryId: 'dlv_1' }) =>
    ({ job: 'deliver-sms', id, payload }) as Publication;

  it('runs a job again when its handler asks for it, without counting an attempt', async () => {
    let retryAt = new Date(0);
    const { seen } = consumer(queues, async () => {
      if (retryAt.getTime() > 0) return;
      retryAt = new Date(Date.now() + 300);
      return { retryAt };
    });
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    await until(async () => (await job('evt_1'))[0]?.['state'] === 'completed');
    expect(seen).toEqual(['evt_1', 'evt_1']);
    expect(Date.now()).toBeGreaterThanOrEqual(retryAt.getTime());
    // Completing counts one; the wait before it none.
    expect(await job('evt_1')).toMatchObject([{ attempts_made: 1, failed_reason: null }]);
  });

  it('fails a job that does not parse for good', async () => {
    const { seen } = consumer();
    await queues.publish([publication('evt_1', { deliveryId: 482_913 }), publication('evt_2')]);
    await until(async () => (await job('evt_1'))[0]?.['state'] === 'failed');
    await until(() => seen.length > 0);
    expect(seen).toEqual(['evt_2']);
    expect(await job('evt_1')).toMatchObject([
      { attempts_made: 1, failed_reason: expect.stringContaining('deliveryId') },
    ]);
    expect(lines.filter((line) => line.includes('fails for good'))).toHaveLength(1);
  });

  it('tries again after an error, and the queue keeps nothing of its words', async () => {
    let runs = 0;
    const { seen } = consumer(queues, async () => {
      if (++runs === 1) throw new Error('the number +31612345678 does not answer');
    });
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    await until(async () => (await job('evt_1'))[0]?.['state'] === 'delayed');
    expect(await job('evt_1')).toMatchObject([{ failed_reason: expect.stringContaining('Error:'), stacktrace: [] }]);
    await until(async () => (await job('evt_1'))[0]?.['state'] === 'completed');
    const everything = await rows(
      `select to_jsonb(job)::text as row from sallyport_queue.job union all select to_jsonb(event)::text from sallyport_queue.event`,
    );
    expect(everything.length).toBeGreaterThan(1);
    expect(JSON.stringify(everything)).not.toContain('31612345678');
  });

  it('that is closed in the middle of a job finishes it, and takes no other', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { seen, consumer: worker } = consumer(queues, () => gate);
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    const closing = worker.close();
    await queues.publish([publication('evt_2')]);
    await sleep(100);
    expect(await job('evt_1')).toMatchObject([{ state: 'active' }]);
    release();
    await closing;
    expect(await job('evt_1')).toMatchObject([{ state: 'completed' }]);
    expect(await job('evt_2')).toMatchObject([{ state: 'waiting' }]);
    expect(seen).toEqual(['evt_1']);
  });

  it('does not run hot when the tables of the queue go in the middle of its work, and goes on when they are back', async () => {
    const rollbacks = async () => {
      const [row] = await rows<{ n: number }>(
        'select xact_rollback::int as n from pg_stat_database where datname = current_database()',
      );
      return row?.n ?? 0;
    };
    const { seen } = consumer(queues, async () => {
      if (seen.length === 1) await sql.query('alter schema sallyport_queue rename to away');
    });
    const before = await rollbacks();
    // A backlog: a worker that has just found its queue empty would sleep for 5 s anyway.
    await queues.publish(Array.from({ length: 50 }, (_, n) => publication(`evt_${n}`)));
    await sleep(2500);
    // Each try is rolled back: some a second, not a loop that burns the processor.
    expect((await rollbacks()) - before).toBeLessThan(100);
    await sql.query('alter schema away rename to sallyport_queue');
    await until(() => seen.includes('evt_49'));
  });

  it('comes back after its connections were cut', async () => {
    const { seen } = consumer();
    await queues.publish([publication('evt_1')]);
    await until(() => seen.length === 1);
    await sql.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
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

describe('the queues', () => {
  it('answer a ping, and fail it when their tables are gone', async () => {
    await queues.ping();
    await sql.query('drop schema sallyport_queue cascade');
    await expect(queues.ping()).rejects.toThrow();
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

  it('refuse an address that they have no backend for', async () => {
    await expect(openQueues('redis://localhost?family=6', logger)).rejects.toBeInstanceOf(SettingsError);
  });
});
