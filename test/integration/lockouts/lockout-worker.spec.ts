import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { events } from '#contracts';
import { Sealer } from '#persistence';
import { createLogger } from '#runtime';
import { announceLockout } from '../../../apps/lockout-worker/src/announce-lockout.js';
import { endLockouts } from '../../../apps/lockout-worker/src/end-lockouts.js';
import { examineRejection } from '../../../apps/lockout-worker/src/examine-rejection.js';
import { describeOnBackends } from '../../support/queue-backends.js';
import { startLockoutWorker } from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';
import {
  type User,
  addAccount,
  addEvent,
  addLockout,
  addUser,
  addressees,
  announceJob,
  database,
  jobsLeft,
  lines,
  notices,
  rows,
  sealer,
  shared,
  sql,
} from '../../support/lockout-jobs.js';

const logger = createLogger('lockout-worker', { write: (line) => void lines.push(line) });
const reject = (user: User, ago?: string, type = 'challenge.rejected') =>
  addEvent(user, type, { challengeId: 'chl_1', purpose: 'login', method: 'totp' }, 'examine-rejection', ago);

describe('announcing a lockout', () => {
  test('mails the owner once, in the words of the policy, however often the job runs', async () => {
    await sql.query(
      `update tenant set policy = '{"supportContact": "help@panel.example", "sms": {"brand": "Tenant"}}'`,
    );
    await addAccount('acme', { sms: { brand: 'Acme' } }, 'nl');
    const user = await addUser('acme', 'anna');
    const eventId = await announceJob(user, await addLockout(user));
    const run = () => announceLockout({ database, sealer }, { eventId, requestId: 'req_7' });
    await Promise.all(Array.from({ length: 10 }, run));
    await run();
    const [lockout] = await rows<{ locked_until: Date; device_id: string }>('select * from lockout');
    expect(await notices()).toEqual([
      {
        id: expect.stringMatching(/^dlv_/),
        deviceId: lockout?.device_id,
        requestId: 'req_7',
        payload: {
          kind: 'notice',
          notice: 'lockout',
          to: 'anna@example.com',
          brand: 'Acme',
          locale: 'nl',
          facts: { subject: 'device', deviceName: 'Work phone', lockedUntil: lockout?.locked_until.toISOString() },
          supportContact: 'help@panel.example',
        },
      },
    ]);
    const [job] = await rows<{ payload: object }>('select payload from outbox');
    expect(job?.payload).toEqual({ deliveryId: (await notices())[0]?.id, requestId: 'req_7' });
  });

  test('names the recovery codes', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const eventId = await announceJob(user, await addLockout(user, { device: null }));
    await announceLockout({ database, sealer }, { eventId });
    const [notice] = await notices();
    expect(notice).toMatchObject({
      deviceId: null,
      payload: { facts: { subject: 'recovery_codes' }, locale: 'en' },
    });
  });

  test.each([
    ['the user has no e-mail address', {}, {}, {}],
    ['the panel gave none', {}, { displayName: 'Anna', email: null, phone: null }, {}],
    ['the policy wants no such notices', { notices: { lockout: false } }, { email: 'anna@example.com' }, {}],
    ['it ended by itself long ago', {}, { email: 'anna@example.com' }, { until: '-61 minutes' }],
    ['it was lifted long ago', {}, { email: 'anna@example.com' }, { until: '1 hour', endedAt: '-61 minutes' }],
  ] as const)('writes nothing where %s, and is done', async (_, policy, profile, lock) => {
    const user = await addUser(await addAccount('acme', policy), 'anna', profile);
    const eventId = await announceJob(user, await addLockout(user, lock));
    await announceLockout({ database, sealer }, { eventId });
    expect(await notices()).toEqual([]);
    expect(await jobsLeft()).toEqual([]);
  });

  test('still tells of a lockout that has just ended', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const eventId = await announceJob(user, await addLockout(user, { until: '-5 minutes', endedAt: '-5 minutes' }));
    await announceLockout({ database, sealer }, { eventId });
    expect(await addressees()).toEqual(['anna@example.com']);
  });

  test('is done where the user was erased', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const eventId = await announceJob(user, await addLockout(user));
    await sql.query('delete from app_user');
    await announceLockout({ database, sealer }, { eventId });
    expect(await jobsLeft()).toEqual([]);
  });

  test('keeps its job where it fails: both or nothing', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const eventId = await announceJob(user, await addLockout(user));
    const foreign = new Sealer({ active: 's-2', keys: new Map([['s-2', randomBytes(32)]]) });
    await expect(announceLockout({ database, sealer: foreign }, { eventId })).rejects.toThrow('s-1');
    expect(await jobsLeft()).toEqual([{ id: eventId }]);
    expect(await notices()).toEqual([]);
  });
});

describe('examining wrong codes', () => {
  const examine = (eventId: string) => examineRejection({ database, sealer, logger }, { eventId });
  const warnings = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  let users: User[];

  beforeEach(async () => {
    await addAccount('acme');
    await addAccount('other');
    users = await Promise.all(['anna', 'ben', 'cleo', 'dora'].map((name) => addUser('acme', name)));
  });
  const user = (index: number) => users[index] as User;

  test('warns of three users within ten minutes, each once an hour', async () => {
    await examine(await reject(user(0), '9 minutes'));
    await examine(await reject(user(1)));
    await examine(await reject(user(1)));
    expect([await addressees(), warnings()]).toEqual([[], []]);
    await examine(await reject(user(2), '0 seconds', 'challenge.replayed'));
    expect(await addressees()).toEqual(['anna@example.com', 'ben@example.com', 'cleo@example.com']);
    expect(warnings()).toMatchObject([
      { event: 'account_pattern', tenantId: 'tnt_1', accountId: 'acc_acme', users: 3, rejections: 4, mailed: 3 },
    ]);
    expect((await notices())[0]).toMatchObject({ deviceId: null, payload: { notice: 'account_pattern', facts: {} } });
    expect(lines.join()).not.toMatch(/example\.com|anna/);

    await examine(await reject(user(0)));
    expect(await addressees()).toHaveLength(3);
    await examine(await reject(user(3)));
    expect((await addressees()).at(-1)).toBe('dora@example.com');
    expect(await addressees()).toHaveLength(4);
    expect(warnings()).toHaveLength(2);

    await sql.query(
      `update account_pattern_notice set noticed_at = noticed_at - interval '61 minutes' where user_id = $1`,
      [user(1).id],
    );
    await examine(await reject(user(0)));
    expect((await addressees()).filter((to) => to === 'ben@example.com')).toHaveLength(2);
    expect(await jobsLeft()).toEqual([]);
  });

  test('warns of twenty wrong codes of one user, and not of nineteen', async () => {
    for (let n = 0; n < 19; n += 1) await examine(await reject(user(0)));
    expect(await addressees()).toEqual([]);
    await examine(await reject(user(0)));
    expect(await addressees()).toEqual(['anna@example.com']);
  });

  test('does not add up accounts, nor more than ten minutes', async () => {
    const stranger = await addUser('other', 'eve');
    await examine(await reject(user(0), '11 minutes'));
    await examine(await reject(user(1)));
    await examine(await reject(user(2)));
    await examine(await reject(stranger));
    expect(await addressees()).toEqual([]);
    expect(await jobsLeft()).toEqual([]);
  });

  test('sees a pattern also where the jobs run in another order, or late', async () => {
    const ids = [await reject(user(0), '3 hours'), await reject(user(1), '3 hours'), await reject(user(2), '3 hours')];
    for (const id of ids.toReversed()) await examine(id);
    expect(await addressees()).toHaveLength(3);
  });

  test('is idempotent, and warns each user once however many jobs run at once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 40; n += 1) ids.push(await reject(user(n % 4)));
    await Promise.all([...ids, ...ids].map(examine));
    expect(await addressees()).toEqual(users.map(({ name }) => `${name}@example.com`));
    expect(await jobsLeft()).toEqual([]);
  });

  test('never locks anybody', async () => {
    for (let n = 0; n < 30; n += 1) await examine(await reject(user(n % 4)));
    expect(await rows('select from lockout')).toEqual([]);
  });

  test('finds its rows by the index of wrong codes', async () => {
    await sql.query(
      `insert into event (id, tenant_id, type, account_id, data)
       select 'evt_bulk' || n, 'tnt_1', 'challenge.approved', 'acme', '{}' from generate_series(1, 20000) n`,
    );
    await sql.query('analyze event');
    const plan = await rows<{ 'QUERY PLAN': string }>(
      `explain select user_ref from event where tenant_id = 'tnt_1' and account_id = 'acme'
       and type in ('challenge.rejected', 'challenge.replayed') and time > now() - interval '10 minutes'
       order by time desc limit 20`,
    );
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain('event_rejection');
  });
});

describe('ending lockouts', () => {
  test('ends what is over, each once with its event, and nothing else', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const over = [
      await addLockout(user, { until: '-1 second' }),
      await addLockout(user, { until: '-2 seconds', device: null }),
    ];
    const running = await addLockout(user, { until: '1 minute' });
    await addLockout(user, { until: '-1 minute', endedAt: '-2 minutes' });
    const ended = await Promise.all(Array.from({ length: 8 }, () => endLockouts(database)));
    expect(ended.reduce((sum, each) => sum + each)).toBe(2);
    expect(await endLockouts(database)).toBe(0);

    const told = await rows<{ data: { lockoutId: string } }>(
      `select * from event where type = 'lockout.ended' order by data ->> 'subject'`,
    );
    expect(told.map(({ data }) => data.lockoutId)).toEqual(over);
    for (const event of told) {
      expect(event).toMatchObject({ tenant_id: 'tnt_1', account_id: 'acme', user_id: 'anna', user_ref: user.id });
      expect(event).toMatchObject({ id: expect.stringMatching(/^evt_[0-9a-z]{26}$/) });
      expect(events['lockout.ended'].data.parse(event.data)).toMatchObject({ reason: 'elapsed' });
    }
    const open = await rows<{ id: string }>('select id from lockout where ended_at is null');
    expect(open).toEqual([{ id: running }]);
    expect(await rows(`select from lockout where end_reason = 'elapsed' and ended_at = locked_until`)).toHaveLength(2);
  });

  test('are each told, however many one user has', async () => {
    await addAccount('acme');
    const user = await addUser('acme', 'anna');
    await sql.query(
      `insert into lockout (id, tenant_id, user_id, subject, wrong_codes, locked_until)
       select 'lck_' || n, 'tnt_1', $1, 'recovery_codes', 5, now() - interval '1 second' from generate_series(1, 250) n`,
      [user.id],
    );
    expect(await endLockouts(database)).toBe(250);
    const told = await rows<{ lockout: string }>(
      `select distinct data ->> 'lockoutId' as lockout from event where type = 'lockout.ended'`,
    );
    expect(told).toHaveLength(250);
  });
});

describeOnBackends('the worker', (backend) => {
  test('takes its jobs from the queue, ends lockouts, and stops', async () => {
    const queueStore = await backend.open(shared.url);
    const queues = await openQueues(queueStore.url, logger);
    const worker = await startLockoutWorker({ database, queues, sealer, logger });
    await addAccount('acme');
    const users = await Promise.all(['anna', 'ben', 'cleo'].map((name) => addUser('acme', name)));
    const [anna] = users as [User];
    await addLockout(anna, { until: '-1 second' });
    const announced = await announceJob(anna, await addLockout(anna));
    const rejected: string[] = [];
    for (const each of users) rejected.push(await reject(each));
    await queues.publish([
      { job: 'announce-lockout', id: announced, payload: { eventId: announced } },
      ...rejected.map((id) => ({ job: 'examine-rejection' as const, id, payload: { eventId: id } })),
    ]);
    const done = async () =>
      (await jobsLeft()).length === 0 && (await rows(`select from event where type = 'lockout.ended'`)).length === 1;
    for (const until = Date.now() + 30_000; !(await done()); await sleep(50)) {
      if (Date.now() > until) throw new Error('The jobs were never done.');
    }
    await worker.stop();
    await queues.close();
    await queueStore.close();
    expect(await addressees()).toEqual(['anna@example.com', 'anna@example.com', 'ben@example.com', 'cleo@example.com']);
  });
});
