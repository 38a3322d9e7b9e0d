import { expect, it } from '@jest/globals';
import { newId, type JobName } from '#contracts';
import { publishBatch, publishOutbox } from '../../../apps/relay/src/publish-outbox.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { describeOnBackends } from '../../support/queue-backends.js';
import { done, logger, openBefore, queues, rows, sql, store, test, until } from '../../support/relayed-jobs.js';

/** Codes of tenants, published by a relay and taken one by one. */

async function seedTenants(...names: string[]): Promise<void> {
  for (const name of names) {
    await sql.query('insert into tenant (id, name) values ($1, $1)', [`tnt_${name}`]);
    await sql.query('insert into account (id, tenant_id, external_id) values ($1, $2, $1)', [
      `acc_${name}`,
      `tnt_${name}`,
    ]);
    await sql.query(
      `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
       values ($1, $2, $3, $1, 'person', '', '')`,
      [`usr_${name}`, `tnt_${name}`, `acc_${name}`],
    );
  }
}

/** Deliveries and their jobs, not published. @returns their ids, the oldest first */
async function leave(tenant: string, count: number, job: JobName = 'deliver-sms'): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('delivery')).toSorted();
  const kind = job === 'deliver-sms' ? 'code' : 'notice';
  await sql.query(
    `with made as (select id, n from unnest($1::text[]) with ordinality as i(id, n)),
     delivered as (
       insert into delivery (id, tenant_id, user_id, channel, kind, payload_sealed, expires_at)
       select id, 'tnt_' || $2::text, 'usr_' || $2::text, 'sms', $3, '', now() + interval '1 hour' from made
     )
     insert into outbox (id, job, line, payload, created_at)
     select id, $4, 'tnt_' || $2::text, jsonb_build_object('deliveryId', id), now() + n * interval '1 microsecond' from made`,
    [ids, tenant, kind, job],
  );
  return ids;
}

async function publish(tenant: string, count: number, job?: JobName): Promise<string[]> {
  const ids = await leave(tenant, count, job);
  while ((await publishOutbox(test.database, queues)).length > 0);
  return ids;
}

/** Takes one job after the other, and remembers them. @param before is waited for before each of them is done */
function takeOneByOne(before: (taken: number) => Promise<void> = async () => undefined): string[] {
  const taken: string[] = [];
  const handle = async ({ deliveryId }: { deliveryId: string }) => {
    taken.push(deliveryId);
    await before(taken.length);
    await done(deliveryId);
  };
  queues.consume('sms', { 'deliver-sms': handle, 'deliver-sms-notice': handle }, { concurrency: 1, logger });
  return taken;
}

const places = (all: readonly string[], of: readonly string[]) => of.map((id) => all.indexOf(id));
const waitingJobs = async () =>
  (await store.raw('sms').getJobs(['prioritized', 'waiting', 'delayed', 'active'])).length;

describeOnBackends('a tenant that floods a queue', (backend) => {
  openBefore(backend);

  it('keeps nobody waiting: each code of another one waits for no more than one of its own for each before it', async () => {
    await seedTenants('loud', 'quiet');
    const loud = await publish('loud', 2000);
    const quiet = await publish('quiet', 20);
    const taken = takeOneByOne();
    await until(() => quiet.every((id) => taken.includes(id)));
    places(taken, quiet).forEach((place, n) => expect(place).toBeLessThanOrEqual(2 * n + 1));
    // Both are served in the order in which they came.
    const ofLoud = taken.filter((id) => loud.includes(id));
    expect(ofLoud).toEqual(loud.slice(0, ofLoud.length));
    expect(taken.filter((id) => quiet.includes(id))).toEqual(quiet);
  });

  it('does so too in the middle of its flood, and to one that has been served before', async () => {
    await seedTenants('loud', 'quiet', 'third');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const early = await publish('quiet', 5);
    await publish('loud', 1000);
    const taken = takeOneByOne((count) => (count === 300 ? held : Promise.resolve()));
    await until(() => taken.length === 300);
    expect(places(taken, early).every((place) => place >= 0)).toBe(true);
    const quiet = await publish('quiet', 10);
    const third = await publish('third', 10);
    release();
    await until(() => [...quiet, ...third].every((id) => taken.includes(id)));
    for (const line of [quiet, third]) {
      places(taken.slice(300), line).forEach((place, n) => expect(place).toBeLessThanOrEqual(3 * n + 3));
    }
  });

  it('floods with notices, and codes go before all of them; another one has its turn among them', async () => {
    await seedTenants('loud', 'quiet');
    await publish('loud', 500, 'deliver-sms-notice');
    const notices = await publish('quiet', 3, 'deliver-sms-notice');
    const codes = await publish('loud', 3);
    const taken = takeOneByOne();
    await until(() => notices.every((id) => taken.includes(id)));
    expect(taken.slice(0, 3)).toEqual(codes);
    places(taken.slice(3), notices).forEach((place, n) => expect(place).toBeLessThanOrEqual(2 * n + 1));
  });
});

describeOnBackends('a tenant that floods the outbox', (backend) => {
  openBefore(backend);

  const published = async () => (await publishOutbox(test.database, queues)).map(({ payload }) => payload);
  const of = (ids: readonly string[]) => ids.map((deliveryId) => ({ deliveryId }));

  it('keeps nobody waiting: what another one has goes with the next batch', async () => {
    await seedTenants('loud', 'quiet', 'third');
    const loud = await leave('loud', 3 * publishBatch);
    const quiet = await leave('quiet', 20);
    const third = await leave('third', 3);
    const first = await published();
    expect(first).toEqual(expect.arrayContaining(of([...quiet, ...third])));
    expect(first).toEqual(expect.arrayContaining(of(loud.slice(0, Math.floor(publishBatch / 3)))));
    // All of it goes, each once.
    const rest: object[] = [];
    for (let batch = await published(); batch.length > 0; batch = await published()) rest.push(...batch);
    expect(new Set([...first, ...rest].map((each) => JSON.stringify(each))).size).toBe(loud.length + 23);
    expect(first.length + rest.length).toBe(loud.length + 23);
  });

  it('does so where there are more tenants than places in a batch: those go first that wait longest', async () => {
    const names = Array.from({ length: publishBatch + 100 }, (_, n) => `t${n}`);
    await sql.query(
      `insert into outbox (id, job, line, payload, created_at)
       select 'evt_' || n, 'deliver-sms', name, jsonb_build_object('deliveryId', name), now() - n * interval '1 ms'
       from unnest($1::text[]) with ordinality as l(name, n)`,
      [names],
    );
    const first = await published();
    expect(first).toHaveLength(publishBatch);
    expect(first).toEqual(expect.arrayContaining(of(names.slice(100))));
    expect(await published()).toHaveLength(100);
  });
});

describeOnBackends('a long queue', (backend) => {
  openBefore(backend);

  /** So that all jobs are asked after again. */
  async function later() {
    const minute = `- interval '1 minute'`;
    await sql.query(`update outbox set published_at = published_at ${minute}, left_until = left_until ${minute}`);
    await sql.query(`update delivery set next_attempt_at = next_attempt_at ${minute}`);
  }

  it('grows by nothing while it waits, and gets back what it has lost', async () => {
    await seedTenants('loud');
    const ids = await publish('loud', 1200);
    for (let round = 0; round < 3; round += 1) {
      await later();
      expect(await reconcile(test.database, queues)).toMatchObject({ lost: 0, waiting: 1200 });
      // Nobody asks after them again at once.
      expect(await reconcile(test.database, queues)).toMatchObject({ lost: 0, waiting: 0 });
      expect(await publishOutbox(test.database, queues)).toEqual([]);
      expect(await waitingJobs()).toBe(1200);
    }
    const lost = ids.filter((_, n) => n % 40 === 0);
    await queues.remove(lost.map((id) => ({ job: 'deliver-sms', id })));
    await later();
    expect(await reconcile(test.database, queues)).toMatchObject({ lost: 30, waiting: 1170 });
    expect(await publishOutbox(test.database, queues)).toHaveLength(30);
    expect(await waitingJobs()).toBe(1200);
  });

  it('loses all at once what has expired in it, and no worker is kept looking at it', async () => {
    await seedTenants('loud', 'quiet');
    await publish('loud', 1200);
    await sql.query(`update delivery set expires_at = now() - interval '1 second'`);
    const [alive] = await publish('quiet', 1);
    expect(await reconcile(test.database, queues)).toMatchObject({ deliveries: 1200, lost: 0 });
    expect(await waitingJobs()).toBe(1);
    expect(await rows('select id from outbox')).toEqual([{ id: alive }]);
    const taken = takeOneByOne();
    await until(() => taken.length > 0);
    expect(taken).toEqual([alive]);
  });
});
