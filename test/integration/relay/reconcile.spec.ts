import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { events, newId, type EventName } from '#contracts';
import { createLogger } from '#runtime';
import { purgeExpired } from '../../../apps/relay/src/purge-expired.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startRelay } from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';

let test: TestDatabase;
let sql: pg.Client;

beforeEach(async () => {
  test = await createTestDatabase();
  sql = new pg.Client(test.url);
  await sql.connect();
});

afterEach(async () => {
  await sql.end();
  await test.close();
});

async function rows<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await sql.query(text, values)).rows as Row[];
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
    `insert into outbox (id, job, line, payload) values ($1, 'deliver-sms', '', jsonb_build_object('deliveryId', $2::text))`,
    [newId('event'), id],
  );
}

describe('the reconciler', () => {
  it('has more patience with each publication', async () => {
    await sql.query(
      `insert into outbox (id, job, line, payload) values ('evt_1', 'deliver-sms', '', '{"deliveryId": "dlv_1"}')`,
    );
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
    await seedDelivery('dlv_notice', {
      expires_at: past,
      kind: `'notice'`,
      channel: `'email'`,
      challenge_id: 'null',
    });

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
      {
        type: 'notice.expired',
        request_id: 'req_1',
        data: { deliveryId: 'dlv_notice', deviceId: 'dev_1', method: 'email', attempts: 0 },
      },
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
    await sql.query(
      `insert into send_window (key, starts_at) values ('old', now() - interval '73 hours'), ('new', now() - interval '71 hours')`,
    );
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
    expect(await purgeExpired(test.database)).toEqual({ removed: 5, more: false });
    const left = await rows(
      `select convert_from(key, 'utf8') as id from idempotent_answer union all select id from used_proof
       union all select subject_id from code union all select convert_from(key, 'utf8') from send_window
       union all select id from device order by 1`,
    );
    expect(left.map(({ id }) => id)).toEqual(['kept', 'new', 'new', 'new', 'new', 'new']);
  });

  it('goes on at once while there is more, table by table, and leaves what is not over', async () => {
    await seedUser();
    // More than two minutes of what one turn a minute would remove: 20,000 rows of each table.
    const many = 41_000;
    const series = `generate_series(1, ${many}) n`;
    const bytes = `decode(md5(n::text), 'hex')`;
    for (const text of [
      `insert into idempotent_answer (key, body_hash, answer_sealed, expires_at) select ${bytes}, '', '', now() from ${series}`,
      `insert into used_proof (id, expires_at) select 'prf_' || n, now() from ${series}`,
      `insert into code (subject_id, device_id, id, expires_at) select 'chl_' || n, 'dev', 'c', now() - interval '2 days' from ${series}`,
      `insert into send_window (key, starts_at) select ${bytes}, now() - interval '4 days' from ${series}`,
      `insert into send_pace (key, ready_at, hour_starts_at, hour_sent) select ${bytes}, now() - interval '2 days', now(), 1 from ${series}`,
      `insert into address_guess (key, wrong_codes, last_at) select ${bytes}, 1, now() - interval '2 days' from ${series}`,
      `insert into device (id, tenant_id, user_id, method, name, status, enrolment_expires_at)
       select 'dev_' || n, 'tnt_1', 'usr_1', 'totp', 'App', 'unverified', now() - interval '2 hours' from ${series}`,
      `insert into challenge (id, tenant_id, user_id, purpose, max_checks, expires_at)
       select 'chl_' || lpad(n::text, 26, '0'), 'tnt_1', 'usr_1', 'login', 5, now() from ${series}`,
      `insert into used_proof (id, expires_at) values ('kept', now() + interval '1 hour')`,
    ]) {
      await sql.query(text);
    }
    const queues = await openQueues(test.url, createLogger('test', { write: () => undefined }));
    const relay = await startRelay({
      database: test.database,
      queues,
      logger: createLogger('test', { write: () => undefined }),
    });
    try {
      const left = () =>
        rows<{ due: number }>(
          `select ((select count(*) from idempotent_answer) + (select count(*) from used_proof) + (select count(*) from code)
             + (select count(*) from send_window) + (select count(*) from send_pace) + (select count(*) from address_guess)
             + (select count(*) from device) + (select count(*) from challenge where status = 'pending'))::int as due`,
        );
      let due = Infinity;
      for (let waited = 0; due > 1 && waited < 50_000; waited += 100) {
        await new Promise((next) => setTimeout(next, 100));
        due = (await left())[0]?.due ?? Infinity;
      }
      expect(due).toBe(1);
      expect(await rows('select id from used_proof')).toEqual([{ id: 'kept' }]);
      expect(await rows(`select count(*)::int as n from event where type = 'challenge.expired'`)).toEqual([
        { n: many },
      ]);
    } finally {
      await relay.stop();
      await queues.close();
    }
  });
});
