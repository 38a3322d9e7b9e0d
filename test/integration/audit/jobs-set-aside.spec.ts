import { beforeEach, describe, expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { newId } from '#contracts';
import { Database } from '#persistence';
import { Readiness } from '#process';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { discardDeadJobs, listDeadJobs, retryDeadJobs, showJob } from '../../../apps/standalone/src/admin/dead-jobs.js';
import { startLockoutWorker, startRelay } from '../../support/apps.js';
import { openQueues, type Queues } from '../../support/queues.js';
import { admin, ends, lines, logger, open, run, sealer, sql, store, until, urlOf } from '../../support/worker-roles.js';

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
        `insert into outbox (id, job, line, payload, publications) values ($1, 'notify-owner', '', jsonb_build_object('eventId', $1::text), 9)`,
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

    // And once more, and then it is mended: done. Mended first, the queue might do it before, which still has it as well.
    expect(await retryDeadJobs(store.database, [first])).toHaveLength(1);
    await admin.query('update app_user set profile_sealed = $1', [
      sealer.seal('profile', 'usr_1', '{"email": "a@example.com"}'),
    ]);
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
      `insert into outbox (id, job, line, payload, publications) values ('evt_nobody', 'notify-owner', '', '{"eventId": 5}', 9)`,
    );
    await run(startLockoutWorker({ ...(await openWithQueues('sallyport_lockout_worker')), sealer, logger }));
    await until('it was not understood', () => lines.some((line) => line.includes('failed permanently')));
    await later();
    await until('it is set aside', async () => (await listDeadJobs(store.database)).length === 1);
    expect(await listDeadJobs(store.database)).toMatchObject([{ id: 'evt_nobody', failure: 'not_understood' }]);
    expect(await sql('select from event')).toEqual([]);
  });
});
