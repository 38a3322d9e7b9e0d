import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { register } from 'prom-client';
import { eventNames, jobNames, newId } from '#contracts';
import { Database, grantRights, newEventKey, roles, Sealer, statementChannel } from '#persistence';
import { createLogger, generateKeyFile, loadKeys, type RunningApp } from '#runtime';
import { Readiness } from '#process';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { discardDeadJobs, listDeadJobs, retryDeadJobs, showJob } from '../../../apps/standalone/src/dead-jobs.js';
import { listSetAsideEvents, sealEventsAgain } from '../../../apps/standalone/src/set-aside-events.js';
import { readLog, verifyLog } from '../../support/audit-export.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { findAll, readSources } from '../../support/sources.js';
import { tamper } from '../../support/tamper.js';
import { startAuditWorker, startLockoutWorker, startRelay } from '../../support/apps.js';
import { openQueues, type Queues } from '../../support/queues.js';

const names = Object.keys(roles);
const password = randomBytes(12).toString('hex');
const suffix = randomBytes(4).toString('hex');
const { sealing, checkpoint } = loadKeys(['sealing', 'checkpoint'], { SALLYPORT_KEYS: generateKeyFile() });
const sealer = new Sealer(sealing);

let store: TestDatabase;
let admin: pg.Client;
let lines: string[] = [];
const logger = createLogger('test', { write: (line) => void lines.push(line) });

beforeAll(async () => {
  store = await createTestDatabase();
  admin = new pg.Client({ connectionString: store.url });
  await admin.connect();
  for (const role of names) {
    await admin.query(`create role ${role}_${suffix} login password '${password}' in role ${role}`);
  }
});
afterAll(async () => {
  for (const role of names) await admin.query(`drop role ${role}_${suffix}`);
  await admin.end();
  await store.close();
});

const ends: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  lines = [];
  await tamper(
    store.url,
    'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_key, unsealable_event, outbox, tenant cascade',
  );
  await admin.query(`update audit_cursor set tx = '0'`);
  for (const n of [1, 2]) {
    await admin.query(`insert into tenant (id, name) values ('tnt_${n}', 'one')`);
    await admin.query(
      `insert into account (id, tenant_id, external_id) values ('acc_${n}', 'tnt_${n}', 'customer ${n}')`,
    );
    await admin.query(
      `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
       values ('usr_${n}', 'tnt_${n}', 'acc_${n}', 'person ${n}', 'person', $1, $2)`,
      [
        sealer.seal('profile', `usr_${n}`, JSON.stringify({ email: `person${n}@example.com` })),
        sealer.seal('event-key', `usr_${n}`, newEventKey()),
      ],
    );
  }
});
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

const sql = async <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
  (await admin.query(text, values)).rows as Row[];

function urlOf(role: string): string {
  return Object.assign(new URL(store.url), { username: `${role}_${suffix}`, password }).href;
}

/** As a process of its own opens it, under its role. */
async function open(role: string): Promise<Database> {
  const database = Database.open({ url: urlOf(role), poolSize: 4, onError: () => undefined });
  ends.push(() => database.close());
  return database;
}

async function run<App extends RunningApp>(app: Promise<App>): Promise<App> {
  const started = await app;
  ends.push(() => started.stop());
  return started;
}

async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await done()); waited += 50) {
    if (waited > 40_000) throw new Error(`It never came to this: ${what}.`);
    await sleep(50);
  }
}

/** Runs SQL as a role, and takes it back. @returns the SQLSTATE of the refusal, or null */
async function stateAs(role: string | null, text: string, values: unknown[] = []): Promise<string | null> {
  await admin.query('begin');
  try {
    if (role !== null) await admin.query(`set local role ${role}_${suffix}`);
    await admin.query(text, values);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? 'none';
  } finally {
    await admin.query('rollback');
  }
}

const refused = '42501'; // insufficient_privilege
const unsound = '23514'; // check_violation

describe('T37: what a role may write', () => {
  const ofUser = `insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
    values ('evt_1', 'tnt_1', $1, 'customer 1', 'person 1', 'usr_1', '{}')`;
  const ofTenant = `insert into event (id, tenant_id, type, data) values ('evt_1', 'tnt_1', $1, '{}')`;

  test.each(names)('%s writes its own events, and no others', async (role) => {
    const { events = [], eventsOfUsers = [] } = roles[role] ?? {};
    const written: string[] = [];
    for (const name of [...eventNames, 'not.yet_invented']) {
      const states = [await stateAs(role, ofUser, [name]), await stateAs(role, ofTenant, [name])];
      expect(states.filter((state) => state !== null && state !== refused)).toEqual([]);
      if (states.includes(null)) written.push(name);
      // About nobody only where it may be about anybody.
      if (states[1] === null) expect(events).toContain(name);
    }
    expect(written.toSorted()).toEqual([...events, ...eventsOfUsers].toSorted());
  });

  test.each(names)('%s starts its own jobs, and no others', async (role) => {
    const started: string[] = [];
    for (const job of [...jobNames, 'not-yet-invented']) {
      const text = `insert into outbox (id, job, payload) values ('evt_1', $1, '{}')`;
      if ((await stateAs(role, text, [job])) === null) started.push(job);
    }
    expect(started.toSorted()).toEqual([...(roles[role]?.jobs ?? [])].toSorted());
  });

  test.each(names.filter((name) => roles[name]?.eventsOfUsers.length))(
    '%s tells of a user by the names of that user, in its tenant, and nothing personal',
    async (role) => {
      const [type] = roles[role]?.eventsOfUsers ?? [];
      const insert = (columns: Record<string, string | null>) => {
        const row = {
          tenant_id: 'tnt_1',
          account_id: 'customer 1',
          user_id: 'person 1',
          user_ref: 'usr_1',
          ...columns,
        };
        const listed = Object.entries({ id: 'evt_1', type, data: '{}', ...row });
        return stateAs(
          role,
          `insert into event (${listed.map(([name]) => name).join()}) values (${listed.map((_, n) => `$${n + 1}`).join()})`,
          listed.map(([, value]) => value),
        );
      };
      expect(await insert({})).toBeNull();
      for (const columns of [
        { tenant_id: 'tnt_2' },
        { tenant_id: 'tnt_none' },
        { account_id: 'customer 2' },
        { account_id: null },
        { user_id: 'person 2' },
        { user_ref: 'usr_2' },
        { user_ref: null },
        { user_ref: 'usr_none' },
        { personal_sealed: '\\x01' },
      ]) {
        expect({ columns, state: await insert(columns) }).toEqual({ columns, state: refused });
      }
    },
  );

  test('is what its process writes', () => {
    const sources = readSources().filter(({ path }) => !path.includes('.spec.'));
    const literals = (...folders: string[]) => {
      const own = sources.filter(({ path }) => folders.some((folder) => path.startsWith(folder)));
      const found = findAll(own, /'([a-z_]+\.[a-z_]+)'/g).map((each) => each.found);
      return new Set(found.filter((name) => (eventNames as string[]).includes(name)));
    };
    const delivery = literals('libs/delivery/');
    const places: Record<string, Set<string>> = {
      sallyport_gateway: literals('apps/gateway/', 'libs/persistence/src/api-keys.ts'),
      sallyport_relay: literals('apps/relay/'),
      sallyport_sms_worker: delivery,
      sallyport_email_worker: delivery,
      sallyport_audit_worker: literals('apps/audit-worker/'),
      sallyport_lockout_worker: literals('apps/lockout-worker/'),
    };
    for (const role of names) {
      const { events = [], eventsOfUsers = [] } = roles[role] ?? {};
      const unwritten = [...events, ...eventsOfUsers].filter((name) => !places[role]?.has(name));
      expect({ role, unwritten }).toEqual({ role, unwritten: [] });
    }
    const { events = [] } = roles['sallyport_gateway'] ?? {};
    expect([...(places['sallyport_gateway'] ?? [])].filter((name) => !(events as string[]).includes(name))).toEqual([]);
  });

  test('stands in policies that a second migration leaves alone, and mends', async () => {
    const policies = () => sql('select oid::text, polname from pg_policy order by polrelid, polname');
    const before = await policies();
    await grantRights(store.url, store.url);
    expect(await policies()).toEqual(before);
    await admin.query('create policy by_hand on event for insert to sallyport_sms_worker with check (true)');
    expect(await stateAs('sallyport_sms_worker', ofTenant, ['user.erased'])).toBeNull();
    await grantRights(store.url, store.url);
    expect(await stateAs('sallyport_sms_worker', ofTenant, ['user.erased'])).toBe(refused);
    await admin.query('alter table event disable row level security');
    await grantRights(store.url, store.url);
    expect(await stateAs('sallyport_sms_worker', ofTenant, ['user.erased'])).toBe(refused);
    expect((await policies()).map(({ polname }) => polname)).toEqual(before.map(({ polname }) => polname));
  });

  test('does not keep a read or a removal from its index', async () => {
    await admin.query('begin');
    try {
      await admin.query('set local role sallyport_sms_worker');
      await admin.query('set local enable_seqscan = off');
      const plan = await admin.query(`explain delete from outbox where payload ->> 'deliveryId' = 'dlv_1'`);
      expect(JSON.stringify(plan.rows)).toContain('outbox_delivery');
    } finally {
      await admin.query('rollback');
    }
  });

  test('has a shape that nothing further on chokes on', async () => {
    const event = 'insert into event (id, tenant_id, type, data) values ($1, $2, $3, $4)';
    const stateOf = (id: string, data: string) =>
      stateAs('sallyport_gateway', event, [id, 'tnt_1', 'user.erased', data]);
    expect(await stateOf('evt_1', '{}')).toBeNull();
    for (const data of ['[]', 'null', '5', '"text"', 'true', `{"a": "${'x'.repeat(300_000)}"}`]) {
      expect({ data, state: await stateOf('evt_1', data) }).toEqual({ data, state: refused });
    }
    expect(await stateOf(`evt_${'x'.repeat(10_000)}`, '{}')).toBe(refused);
    // Text that is none: refused by the type itself.
    for (const data of ['{"a": "\\u0000"}', '{"a": "\\ud800"}', '{']) {
      expect(await stateOf('evt_1', data)).toMatch(/^22P/);
    }
    const job = `insert into outbox (id, job, payload) values ($1, 'deliver-sms', $2)`;
    for (const [id, payload] of [
      ['evt_1', '[]'],
      ['evt_1', 'null'],
      ['evt_1', '"dlv_1"'],
      ['evt_1', `{"deliveryId": "${'x'.repeat(5000)}"}`],
      ['123', '{}'],
      ['evt:1', '{}'],
      ['', '{}'],
    ]) {
      expect({ id, state: await stateAs(null, job, [id, payload]) }).toEqual({ id, state: unsound });
    }
    expect(await stateAs(null, job, ['evt_1', '{}'])).toBeNull();
  });
});

describe('T37: an event that has no encoding', () => {
  const readiness = async (database: Database) => new Readiness({ database, needsQueue: false });

  async function startSealing() {
    const state = await auditState();
    ends.push(() => state.remove());
    const database = await open('sallyport_audit_worker');
    const worker = await run(startAuditWorker({ database, logger, checkpointKey: checkpoint, stateDir: state.path }));
    const ready = await readiness(database);
    ready.watch(worker.health);
    return ready;
  }

  /** @returns ids */
  async function insert(data: string, count = 1, tenantId = 'tnt_1', type = 'user.erased'): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId('event'));
    await admin.query(
      `insert into event (id, tenant_id, type, data) select id, $2, $3, $4::jsonb from unnest($1::text[]) id`,
      [ids, tenantId, type, data],
    );
    return ids;
  }

  const unsealed = `select id from event e where not exists (select from audit_entry a where a.event_id = e.id)
    and not exists (select from unsealable_event s where s.event_id = e.id)`;
  const allSealed = () => until('all is sealed', async () => (await sql(unsealed)).length === 0);

  test('is set aside with an event, a metric and a line, and all others are sealed, of every tenant', async () => {
    const ready = await startSealing();
    const nested = `${'{"a":'.repeat(4000)}1${'}'.repeat(4000)}`;
    const poison: string[] = [];
    for (const data of ['[]', 'null', '"text"', '5']) poison.push(...(await insert(data)));
    for (const data of ['{"n": 1e400}', '{"n": [-1e999]}', nested]) {
      await insert('{}', 3);
      poison.push(...(await insert(data)));
      await insert('{}', 3, 'tnt_2');
    }
    await allSealed();
    const aside = await sql<{ event_id: string }>('select event_id from unsealable_event');
    expect(aside.map(({ event_id }) => event_id).toSorted()).toEqual(poison.toSorted());

    const log = await readLog(sql, 'tnt_1');
    const told = log.filter(({ event }) => event.type === 'audit.event_set_aside');
    expect(told.map(({ event }) => event.data['eventId']).toSorted()).toEqual(poison.toSorted());
    expect(told[0]?.event.data).toMatchObject({ type: 'user.erased', reason: expect.stringMatching(/\w+/) });
    expect(log).toHaveLength(9 + poison.length);
    for (const tenantId of ['tnt_1', 'tnt_2']) {
      const entries = await readLog(sql, tenantId);
      expect(verifyLog(tenantId, entries, [], [])).toMatchObject({ ok: true });
    }
    expect(await ready.look()).toMatchObject({ status: 'ready', setAside: { events: poison.length } });
    expect(await register.metrics()).toContain(`sallyport_audit_events_set_aside ${poison.length}`);
    const errors = lines.filter((line) => line.includes('"level":50'));
    expect(errors).toHaveLength(poison.length);
    expect(errors.join()).not.toContain('fails');
  });

  test('is offered once more where an operator says so', async () => {
    await startSealing();
    const [id = ''] = await insert('{"n": 1e400}');
    await insert('{}', 2);
    await allSealed();
    expect(await listSetAsideEvents(store.database)).toMatchObject([{ eventId: id, tenantId: 'tnt_1' }]);
    // As if an update had made it understood.
    await tamper(store.url, `update event set data = '{"n": 1}' where id = $1`, [id]);
    expect(await sealEventsAgain(store.database, [id, 'evt_none'])).toEqual([{ eventId: id }]);
    await allSealed();
    expect((await readLog(sql, 'tnt_1')).at(-1)?.event.id).toBe(id);
  });

  test('of a tenant, a type or a size that nobody expects is no reason to stop', async () => {
    const ready = await startSealing();
    await insert('{}', 1, 'tnt_unknown');
    await insert('{}', 1, '../../etc');
    await insert('{}', 1, 'tnt_1', 'not.yet_invented');
    await insert(`{"a": "${'x'.repeat(260_000)}"}`, 120, 'tnt_2');
    await insert('{}', 2);
    await allSealed();
    expect(await sql('select from unsealable_event')).toEqual([]);
    expect((await readLog(sql, 'tnt_2')).length).toBe(120);
    const { checks } = await ready.look();
    expect(checks).toMatchObject({ sealing: true });
  });

  test('a large one is read by itself, so that a batch stays small, and signed as the others are', async () => {
    const large = await insert(`{"a": "${'x'.repeat(260_000)}"}`, 30);
    // Six bytes in its row, 100,000 as text, and no number that JSON has.
    const beyond = await insert('{"n": 1e100000}', 30);
    const small = await insert('{}', 30);
    const names: string[] = [];
    const listen = (name: unknown) => void names.push(String(name));
    statementChannel.subscribe(listen);
    try {
      await startSealing();
      await allSealed();
    } finally {
      statementChannel.unsubscribe(listen);
    }
    expect(names.filter((name) => name === 'read-large-event').length).toBeGreaterThanOrEqual(30 + 30);
    const sealed = (await readLog(sql, 'tnt_1')).map(({ event }) => event.id);
    expect(sealed).toEqual(expect.arrayContaining([...large, ...small]));
    expect(await sql('select from unsealable_event')).toHaveLength(beyond.length);
    await until('all is signed', async () => {
      const [row] = await sql<{ n: number }>('select max(size)::int as n from audit_checkpoint');
      return row?.n !== undefined && row.n > 0;
    });
  });

  test('that is not sealed in time makes the worker not ready, and says since when', async () => {
    const ready = await startSealing();
    expect(await ready.look()).toMatchObject({ status: 'ready', checks: { sealing: true } });
    // Whoever may log in as the sealer can hold what it needs.
    const other = new pg.Client(store.url);
    await other.connect();
    try {
      await other.query('begin');
      await other.query('select from audit_cursor for update');
      await admin.query(
        `insert into event (id, tenant_id, type, data, time) values ($1, 'tnt_1', 'user.erased', '{}', now() - interval '61 seconds')`,
        [newId('event')],
      );
      const answer = await ready.look();
      expect(answer).toMatchObject({ status: 'not_ready', checks: { sealing: false, signing: true } });
      expect(answer.reasons?.join()).toMatch(/waiting for its seal for 6\d s/);
      expect(await register.metrics()).toMatch(/sallyport_audit_unsealed_seconds 6\d/);
    } finally {
      await other.query('rollback');
      await other.end();
    }
    await allSealed();
    expect(await ready.look()).toMatchObject({ status: 'ready' });
    expect(await register.metrics()).toContain('sallyport_audit_unsealed_seconds 0');
  });
});

describe('T37: a job that always fails', () => {
  let relay: { readonly database: Database; readonly queues: Queues };
  let ready: Readiness;

  async function openWithQueues(role: string) {
    const database = await open(role);
    const queues = await openQueues(urlOf(role), logger);
    ends.push(() => queues.close());
    return { database, queues };
  }

  /** A notice about each user, as the gateway starts it. @returns ids */
  async function startNotices(): Promise<[string, string]> {
    const ids: [string, string] = [newId('event'), newId('event')];
    for (const [index, id] of ids.entries()) {
      const n = index + 1;
      await admin.query(
        `insert into event (id, tenant_id, type, account_id, user_id, user_ref, data)
         values ($1, 'tnt_${n}', 'two_factor.disabled', 'customer ${n}', 'person ${n}', 'usr_${n}', '{}')`,
        [id],
      );
      await admin.query(
        `insert into outbox (id, job, payload, publications) values ($1, 'notify-owner', jsonb_build_object('eventId', $1::text), 9)`,
        [id],
      );
    }
    return ids;
  }

  /** As if an hour had gone by since the last publication of what is there. */
  const later = () => admin.query(`update outbox set published_at = published_at - interval '1 hour'`);
  const begun = (id: string) => lines.some((line) => line.includes('job failed') && line.includes(id));

  beforeEach(async () => {
    relay = await openWithQueues('sallyport_relay');
    const running = await run(startRelay({ ...relay, logger }));
    ready = new Readiness({ database: relay.database, store: relay.queues, needsQueue: true });
    ready.watch(running.health);
  });

  test('is set aside with an event, a metric and a line; others are done; it is retried or discarded from the shell', async () => {
    const [first, second] = await startNotices();
    // What is sealed of the first user does not open: every try fails.
    await admin.query(`update app_user set profile_sealed = '\\x00' where id = 'usr_1'`);
    await run(startLockoutWorker({ ...(await openWithQueues('sallyport_lockout_worker')), sealer, logger }));
    const left = async () =>
      (await sql<{ id: string }>(`select id from outbox where job = 'notify-owner'`)).map(({ id }) => id);
    await until('it has failed, and the other is done', async () => begun(first) && (await left()).join() === first);
    await later();
    await until('it is set aside', async () => (await listDeadJobs(store.database)).length === 1);

    expect(await listDeadJobs(store.database)).toMatchObject([
      { id: first, job: 'notify-owner', failure: 'UnsealError', publications: 10, payload: { eventId: first } },
    ]);
    expect(
      await sql(`select account_id, user_id, user_ref, tenant_id, data from event where type = 'job.set_aside'`),
    ).toEqual([
      {
        tenant_id: 'tnt_1',
        account_id: 'customer 1',
        user_id: 'person 1',
        user_ref: 'usr_1',
        data: { jobId: first, job: 'notify-owner', publications: 10, failure: 'UnsealError' },
      },
    ]);
    expect(await ready.look()).toMatchObject({ status: 'ready', setAside: { jobs: 1 } });
    expect(await register.metrics()).toContain('sallyport_jobs_dead 1');
    expect(lines.filter((line) => line.includes('was set aside'))).toHaveLength(1);
    // It is left alone from now on.
    await later();
    expect((await reconcile(relay.database, relay.queues)).lost).toBe(0);

    // Once more while the fault is there: it comes back.
    expect(await showJob(store.database, first)).toMatchObject({ id: first, tenantId: 'tnt_1', userId: 'person 1' });
    expect(await retryDeadJobs(store.database, [first, second])).toEqual([{ id: first, job: 'notify-owner' }]);
    await until('it has failed again', () => lines.some((line) => line.includes(`${first}-r10`)));
    await until(
      'it is published',
      async () => (await sql('select from outbox where published_at is not null and id = $1', [first])).length === 1,
    );
    await later();
    await until('it is set aside again', async () => (await listDeadJobs(store.database)).length === 1);

    // And once more when it is mended: done.
    await admin.query('update app_user set profile_sealed = $1', [
      sealer.seal('profile', 'usr_1', '{"email": "a@example.com"}'),
    ]);
    expect(await retryDeadJobs(store.database, [first])).toHaveLength(1);
    await until('it is done', async () => (await left()).length === 0);
    expect(await ready.look()).toMatchObject({ setAside: { jobs: 0 } });
  });

  test('that is discarded is gone, and the log of its tenant says so', async () => {
    const [first] = await startNotices();
    await admin.query(`update outbox set set_aside_at = now(), failure = 'TypeError'`);
    expect(await discardDeadJobs(store.database, [first, 'evt_none'])).toEqual([{ id: first, job: 'notify-owner' }]);
    expect(await sql('select from outbox')).toHaveLength(1);
    expect(await sql(`select tenant_id, data from event where type = 'job.discarded'`)).toEqual([
      { tenant_id: 'tnt_1', data: { jobId: first, job: 'notify-owner' } },
    ]);
  });

  test('of a user who was erased is done, not set aside', async () => {
    await startNotices();
    await admin.query('delete from app_user');
    await run(startLockoutWorker({ ...(await openWithQueues('sallyport_lockout_worker')), sealer, logger }));
    await until('all are done', async () => (await sql('select from outbox')).length === 0);
    expect(lines.filter((line) => line.includes('job failed'))).toEqual([]);
  });

  test('without an event or a delivery that is still there is set aside without an event', async () => {
    await admin.query(
      `insert into outbox (id, job, payload, publications) values ('evt_nobody', 'notify-owner', '{"eventId": 5}', 9)`,
    );
    await run(startLockoutWorker({ ...(await openWithQueues('sallyport_lockout_worker')), sealer, logger }));
    await until('it was not understood', () => lines.some((line) => line.includes('failed permanently')));
    await later();
    await until('it is set aside', async () => (await listDeadJobs(store.database)).length === 1);
    expect(await listDeadJobs(store.database)).toMatchObject([{ id: 'evt_nobody', failure: 'not_understood' }]);
    expect(await sql('select from event')).toEqual([]);
  });
});
