import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { deliveryPayloadSchema, deliveryRow, eventNames, events, newId, type PolicyOverride } from '#contracts';
import { assertMigrated, Sealer, type Database } from '#persistence';
import { createLogger } from '#runtime';
import { announceLockout } from '../../../apps/lockout-worker/src/announce-lockout.js';
import { endLockouts } from '../../../apps/lockout-worker/src/end-lockouts.js';
import { examineRejection } from '../../../apps/lockout-worker/src/examine-rejection.js';
import { notifyOwner } from '../../../apps/lockout-worker/src/notify-owner.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { tamper } from '../../support/tamper.js';
import { describeOnBackends } from '../../support/queue-backends.js';
import { startLockoutWorker } from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';

const sealer = new Sealer({ active: 's-1', keys: new Map([['s-1', randomBytes(32)]]) });
let lines: string[] = [];
const logger = createLogger('lockout-worker', { write: (line) => void lines.push(line) });

let shared: TestDatabase;
let database: Database;
let sql: pg.Client;

beforeAll(async () => {
  shared = await createTestDatabase();
  database = shared.database;
  await assertMigrated(database);
  sql = new pg.Client({ connectionString: shared.url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await shared.close();
});
beforeEach(async () => {
  lines = [];
  await tamper(shared.url, 'truncate tenant, event, outbox, audit_entry, send_window cascade');
  await sql.query(`insert into tenant (id, name) values ('tnt_1', 'Panel')`);
});

async function rows<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await sql.query(text, values)).rows as Row[];
}

interface User {
  readonly id: string;
  readonly account: string;
  readonly name: string;
}

async function addAccount(name: string, policy: PolicyOverride = {}, locale: string | null = null): Promise<string> {
  await sql.query('insert into account (id, tenant_id, external_id, policy, locale) values ($1, $2, $3, $4, $5)', [
    `acc_${name}`,
    'tnt_1',
    name,
    policy,
    locale,
  ]);
  return name;
}

async function addUser(
  account: string,
  name: string,
  profile: object = { email: `${name}@example.com` },
): Promise<User> {
  const id = newId('user');
  await sql.query(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
     values ($1, 'tnt_1', $2, $3, 'person', $4, '')`,
    [id, `acc_${account}`, name, sealer.seal('profile', id, JSON.stringify(profile))],
  );
  return { id, account, name };
}

/** An event with its job, as a gateway's statement writes them. */
async function addEvent(user: User, type: string, data: object, job: string, ago = '0 seconds'): Promise<string> {
  const id = newId('event');
  await sql.query(
    `with e as (
       insert into event (id, tenant_id, type, account_id, user_id, user_ref, data, time)
       values ($1, 'tnt_1', $2, $3, $4, $5, $6, clock_timestamp() - $8::interval)
     )
     insert into outbox (id, job, payload) values ($1, $7, jsonb_build_object('eventId', $1::text))`,
    [id, type, user.account, user.name, user.id, data, job, ago],
  );
  return id;
}

async function addLockout(
  user: User,
  more: { until?: string; endedAt?: string; device?: string | null } = {},
): Promise<string> {
  const id = newId('lockout');
  const device = more.device === undefined ? 'Work phone' : more.device;
  const deviceId = device === null ? null : newId('device');
  if (device !== null) {
    await sql.query(
      `insert into device (id, tenant_id, user_id, method, name, status, enrolment_expires_at)
       values ($1, 'tnt_1', $2, 'totp', $3, 'verified', now())`,
      [deviceId, user.id, device],
    );
  }
  await sql.query(
    `insert into lockout (id, tenant_id, user_id, subject, device_id, wrong_codes, locked_until, ended_at)
     values ($1, 'tnt_1', $2, $3, $4, 5, now() + $5::interval, now() + $6::interval)`,
    [
      id,
      user.id,
      device === null ? 'recovery_codes' : 'device',
      deviceId,
      more.until ?? '30 seconds',
      more.endedAt ?? null,
    ],
  );
  return id;
}

const announceJob = (user: User, lockoutId: string) =>
  addEvent(
    user,
    'lockout.started',
    { lockoutId, subject: 'device', wrongCodes: 5, lockedUntil: '' },
    'announce-lockout',
  );
const reject = (user: User, ago?: string, type = 'challenge.rejected') =>
  addEvent(user, type, { challengeId: 'chl_1', purpose: 'login', method: 'totp' }, 'examine-rejection', ago);

interface Written {
  readonly id: string;
  readonly deviceId: string | null;
  readonly requestId: string | null;
  readonly payload: Record<string, unknown>;
}

/** The notices written so far, opened, the last one last; each with exactly one job of its own. */
async function notices(): Promise<Written[]> {
  const found = await rows<{ id: string; device_id: string | null; request_id: string | null; payload_sealed: Buffer }>(
    `select d.id, d.device_id, d.request_id, d.payload_sealed from delivery d
     join outbox o on o.id = d.id and o.job = 'deliver-notice' and o.payload ->> 'deliveryId' = d.id
     where d.channel = 'email' and d.kind = 'notice' and d.status = 'queued' and d.tenant_id = 'tnt_1'
       and d.expires_at between now() + interval '23 hours' and now() + interval '25 hours'
     order by d.id`,
  );
  const all = await rows('select from delivery');
  expect(found).toHaveLength(all.length);
  return found.map((row) => {
    const opened = sealer.openText('delivery', deliveryRow('tnt_1', row.device_id, row.id), row.payload_sealed);
    const payload = deliveryPayloadSchema.parse(JSON.parse(opened));
    return { id: row.id, deviceId: row.device_id, requestId: row.request_id, payload };
  });
}

const addressees = async () => (await notices()).map(({ payload }) => payload['to']).toSorted();
const jobsLeft = () => rows(`select id from outbox where job <> 'deliver-notice'`);

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

describe('telling owners what changed', () => {
  const notify = (eventId: string) => notifyOwner({ database, sealer }, { eventId, requestId: 'req_7' });
  const tell = (user: User, type: string, data: object = {}) => addEvent(user, type, data, 'notify-owner');
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const device = { deviceId: 'dev_gone', method: 'sms' };

  async function addDevice(user: User): Promise<string> {
    const id = newId('device');
    await sql.query(
      `insert into device (id, tenant_id, user_id, method, name, status, verified_at, enrolment_expires_at)
       values ($1, 'tnt_1', $2, 'totp', 'Work phone', 'verified', now(), now())`,
      [id, user.id],
    );
    return id;
  }

  test('every event that means to tell has a notice, and the other way round', () => {
    const rowsOfCatalogue: Readonly<Record<string, { jobs: readonly string[]; notice?: string }>> = events;
    const telling = eventNames.filter((name) => rowsOfCatalogue[name]?.jobs.includes('notify-owner'));
    const named = eventNames.filter((name) => rowsOfCatalogue[name]?.notice !== undefined);
    expect(telling).toEqual(named);
    expect(telling).toEqual(
      expect.arrayContaining(['device.verified', 'device.removed', 'recovery_code.used', 'user.email_changed']),
    );
  });

  test('names a new device, once, however often the job runs', async () => {
    const user = await addUser(await addAccount('acme', { sms: { brand: 'Acme' } }, 'sk'), 'anna');
    const deviceId = await addDevice(user);
    const eventId = await tell(user, 'device.verified', { deviceId, method: 'totp' });
    await Promise.all(Array.from({ length: 10 }, () => notify(eventId)));
    await notify(eventId);
    expect(await notices()).toEqual([
      {
        id: expect.stringMatching(/^dlv_/),
        deviceId,
        requestId: 'req_7',
        payload: {
          kind: 'notice',
          notice: 'device_added',
          to: 'anna@example.com',
          brand: 'Acme',
          locale: 'sk',
          facts: { time, deviceName: 'Work phone', method: 'totp' },
          supportContact: null,
        },
      },
    ]);
    expect(await jobsLeft()).toEqual([]);
  });

  test('says so where that device switched two-factor authentication on', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const deviceId = await addDevice(user);
    await sql.query(
      'update app_user u set two_factor_since = d.verified_at from device d where d.id = $1 and u.id = d.user_id',
      [deviceId],
    );
    await notify(await tell(user, 'device.verified', { deviceId, method: 'totp' }));
    expect((await notices())[0]?.payload).toMatchObject({ facts: { first: 'yes' } });
  });

  test.each([
    ['device.removed', { ...device, reason: 'requested' }, 'device_removed', { time, method: 'sms' }],
    ['device.removed', { ...device, reason: 'replaced' }, 'device_removed', { time, method: 'sms' }],
    ['recovery_code.used', { challengeId: 'chl_1', left: 3 }, 'recovery_code_used', { time, left: '3' }],
    ['user.email_changed', {}, 'email_changed', { time }],
  ])('of %s with %j', async (type, data, notice, facts) => {
    const user = await addUser(await addAccount('acme'), 'anna');
    await notify(await tell(user, type, data));
    const [written, ...more] = await notices();
    expect(written).toMatchObject({ deviceId: null, payload: { notice, locale: 'en' } });
    expect(written?.payload['facts']).toEqual(facts);
    expect(more).toEqual([]);
  });

  test.each([
    ['device.removed', { ...device, reason: 'enrolment_canceled' }],
    ['device.removed', { ...device, reason: 'reset' }],
    ['an.event_of_a_later_version', {}],
    ['challenge.approved', {}],
  ])('nothing of %s with %j, and is done', async (type, data) => {
    const user = await addUser(await addAccount('acme'), 'anna');
    await notify(await tell(user, type, data));
    expect(await notices()).toEqual([]);
    expect(await jobsLeft()).toEqual([]);
  });

  test.each([
    ['device.verified', 'deviceAdded'],
    ['device.removed', 'deviceRemoved'],
    ['recovery_code.used', 'recoveryCodeUsed'],
    ['user.email_changed', 'emailChanged'],
  ] as const)('nothing of %s where the policy has %s off', async (type, name) => {
    const account = await addAccount('acme', { notices: { [name]: false } });
    const others = await addAccount('other', {
      notices: {
        deviceAdded: false,
        deviceRemoved: false,
        recoveryCodeUsed: false,
        emailChanged: false,
        lockout: false,
        [name]: true,
      },
    });
    const data = { ...device, reason: 'requested', left: 1 };
    await notify(await tell(await addUser(account, 'anna'), type, data));
    await notify(await tell(await addUser(others, 'ben'), type, data));
    expect(await addressees()).toEqual(['ben@example.com']);
    expect(await jobsLeft()).toEqual([]);
  });

  test('tells the addresses of the last 72 hours too, of lockouts as well, each once', async () => {
    const until = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const user = await addUser(await addAccount('acme'), 'anna', {
      displayName: null,
      email: 'new@example.com',
      phone: null,
      formerEmails: [
        { address: 'old@example.com', until: until(1) },
        { address: 'older@example.com', until: until(-1) },
        { address: 'new@example.com', until: until(1) },
      ],
    });
    await notify(await tell(user, 'user.email_changed'));
    expect(await addressees()).toEqual(['new@example.com', 'old@example.com']);
    const eventId = await announceJob(user, await addLockout(user));
    await announceLockout({ database, sealer }, { eventId });
    expect(await addressees()).toEqual(['new@example.com', 'new@example.com', 'old@example.com', 'old@example.com']);
  });

  test('tells the old address also where there is no new one', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const profile = {
      displayName: null,
      email: null,
      phone: null,
      formerEmails: [{ address: 'old@a.example', until }],
    };
    const user = await addUser(await addAccount('acme'), 'anna', profile);
    await notify(await tell(user, 'user.email_changed'));
    expect(await addressees()).toEqual(['old@a.example']);
  });

  test.each([
    ['hour', 12],
    ['day', 30],
  ])('comes as one mail, at the end of the %s, where it is more than %i', async (lasts, most) => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const key = sealer.fingerprint('notices', lasts, 'tnt_1', 'anna@example.com');
    const starts = `date_trunc('${lasts}', now(), 'UTC')`;
    // All but one of those that come by themselves.
    await sql.query(`insert into send_window (key, starts_at, sent) values ($1, ${starts}, $2)`, [key, most - 1]);
    for (let n = 0; n < 5; n += 1) await notify(await tell(user, 'two_factor.disabled'));
    const written = await rows<{ id: string; sealed: Buffer; waits: boolean; later: boolean }>(
      `select id, payload_sealed as sealed, next_attempt_at > now() as waits,
         next_attempt_at = ${starts} + interval '1 ${lasts}' as later
       from delivery order by id`,
    );
    const told = written.map(({ id, sealed, waits, later }) => {
      const { notice, facts } = JSON.parse(sealer.openText('delivery', deliveryRow('tnt_1', null, id), sealed));
      return { notice, facts, waits, later };
    });
    expect(told).toEqual([
      { notice: 'two_factor_disabled', facts: { time }, waits: false, later: false },
      { notice: 'more_activity', facts: {}, waits: true, later: true },
    ]);
    expect(await jobsLeft()).toEqual([]);
  });

  test('tells nobody where the user was erased, or has no address', async () => {
    const account = await addAccount('acme');
    const erased = await addUser(account, 'anna');
    const eventId = await tell(erased, 'recovery_code.used', { challengeId: 'chl_1', left: 3 });
    await sql.query('delete from app_user');
    await notify(eventId);
    const silent = await addUser(account, 'ben', { displayName: null, email: null, phone: null });
    await notify(await tell(silent, 'recovery_code.used', { challengeId: 'chl_1', left: 3 }));
    expect(await notices()).toEqual([]);
    expect(await jobsLeft()).toEqual([]);
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
