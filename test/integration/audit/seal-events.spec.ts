import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { createLogger, generateKeyFile, loadKeys, type RunningApp } from '#runtime';
import { startAuditWorker, startRelay } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { figure } from '../../support/metrics.js';
import { describeOnBackends, type QueueStore } from '../../support/queue-backends.js';
import { openQueues, type Queues } from '../../support/queues.js';

const logger = createLogger('test', new Writable({ write: (_chunk, _encoding, done) => done() }));
const { checkpoint: checkpointKey } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: generateKeyFile() });

/** So seldom that no test sees it look by itself. */
const never = 3_600_000;

describeOnBackends('events that wait for their seal', (backend) => {
  let test: TestDatabase;
  let sql: pg.Client;
  let store: QueueStore;
  let queues: Queues;
  let apps: RunningApp[];
  let state: Awaited<ReturnType<typeof auditState>>;

  beforeEach(async () => {
    test = await createTestDatabase();
    sql = new pg.Client({ connectionString: test.url });
    await sql.connect();
    store = await backend.open(test.url);
    queues = await openQueues(store.url, logger);
    state = await auditState();
    apps = [];
    await sql.query(`insert into tenant (id, name, policy) values ('tnt_1', 'Acme', '{}')`);
  });
  afterEach(async () => {
    for (const app of apps.toReversed()) await app.stop();
    await queues.close();
    await store.close();
    await state.remove();
    await sql.end();
    await test.close();
  });

  const run = async <App extends RunningApp>(app: Promise<App>) => {
    apps.push(await app);
    return app;
  };
  const relay = () => run(startRelay({ database: test.database, queues, logger }));
  const auditWorker = (lookEveryMs: number) =>
    run(
      startAuditWorker({ database: test.database, queues, logger, checkpointKey, stateDir: state.path, lookEveryMs }),
    );
  const write = (count: number) =>
    sql.query(
      `insert into event (id, tenant_id, type, data) select 'evt_' || gen_random_uuid(), 'tnt_1', 'user.created', '{}'
       from generate_series(1, $1)`,
      [count],
    );
  const sealed = async () => {
    const { rows } = await sql.query<{ n: number }>('select count(*)::int as n from audit_entry');
    return rows[0]?.n ?? 0;
  };
  const untilSealed = async (count: number) => {
    while ((await sealed()) < count) await new Promise((done) => setTimeout(done, 20));
  };
  const calls = () => store.raw('audit').getJobs(['waiting', 'prioritized', 'delayed', 'completed', 'failed']);
  const untilCalled = async () => {
    while ((await calls()).length === 0) await new Promise((done) => setTimeout(done, 20));
  };

  it('are sealed by a worker that does not look by itself: a relay calls it', async () => {
    await auditWorker(never);
    await relay();
    // The first may be found by the look at the start, the second by a call for the first. The third takes a call of its own.
    for (const all of [2, 4, 6]) {
      await write(2);
      await untilSealed(all);
    }
  });

  it('are called for once while nobody comes, and nothing of a call stays behind', async () => {
    await relay();
    await write(3);
    await untilCalled();
    // Four looks more of the relay.
    await new Promise((done) => setTimeout(done, 1200));
    expect(await calls()).toHaveLength(1);
    await auditWorker(never);
    await untilSealed(3);
    while ((await calls()).length > 0) await new Promise((done) => setTimeout(done, 20));
  });

  it('are sealed with the queue away, and without any relay', async () => {
    await auditWorker(200);
    await store.takeAway();
    await write(3);
    await untilSealed(3);
    await store.bringBack();
  });

  it('are called for again by a queue that has lost everything', async () => {
    await relay();
    await write(3);
    await untilCalled();
    await store.lose();
    await untilCalled();
    await auditWorker(never);
    await untilSealed(3);
  });

  it('are counted by type as they are sealed, each once, by however many workers', async () => {
    const types = { 'lockout.started': 7, 'code.blocked': 5, 'challenge.approved': 9, 'made.up': 2 };
    const before = await growths(types);
    await Promise.all([auditWorker(20), auditWorker(20)]);
    const write = (type: string, count: number) =>
      sql.query(
        `insert into event (id, tenant_id, type, data)
         select 'evt_' || gen_random_uuid(), 'tnt_1', $1, jsonb_build_object('method', (array['sms', 'totp', 'x'])[1 + n % 3])
         from generate_series(0, $2 - 1) n`,
        [type, count],
      );
    for (const [type, count] of Object.entries(types)) await write(type, count);
    const all = Object.values(types).reduce((sum, count) => sum + count);
    // Its own, of workers that begin, come on top.
    await untilSealed(all);
    // Counted after the commit that is seen here.
    const since = async () => (await growths(types)).map((value, n) => value - (before[n] ?? 0));
    const expected = [7, 5, 9, 2, 3, 3, 3];
    for (const end = Date.now() + 10_000; (await since()).join() !== expected.join() && Date.now() < end;) {
      await new Promise((done) => setTimeout(done, 20));
    }
    expect(await since()).toEqual(expected);
  });
});

/** Of these types, where one that is in no catalogue is `unknown`; and of approvals by method. */
async function growths(types: object): Promise<number[]> {
  const known = Object.keys(types).map((type) => ({ type: type === 'made.up' ? 'unknown' : type }));
  const methods = ['sms', 'totp', 'unknown'].map((method) => ({ method }));
  const events = known.map((labels) => figure('sallyport_events_total', labels));
  const approvals = methods.map((labels) => figure('sallyport_challenges_approved_total', labels));
  return (await Promise.all([...events, ...approvals])).map((value) => value ?? 0);
}
