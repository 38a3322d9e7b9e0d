import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { smtpChannel } from '../../../apps/email-worker/src/smtp-channel.js';
import { vonageChannel } from '../../../apps/sms-worker/src/vonage-channel.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { deliveryRow, events, newId, type DeliveryChannel, type DeliveryPayload } from '#contracts';
import { deliver } from '#delivery';
import { assertMigrated, Database, Sealer, sql, statement, type Nothing } from '#persistence';
import { createLogger } from '#runtime';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { describeOnBackends } from '../../support/queue-backends.js';
import { openLine } from '../../support/line.js';
import { startAbruptSmtpServer, startSmtpServer, type TestSmtpServer } from '../../support/smtp-server.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';
import { startEmailWorker, startSmsWorker } from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';

const code = '048213';
const number = '+31612345678';
const address = 'owner@customer.example';
const requestId = 'req_test';
const from = 'Panel <2fa@panel.example>';

const sealer = new Sealer({ active: 'k1', keys: new Map([['k1', randomBytes(32)]]) });
const logged: string[] = [];
const logger = createLogger('test', { write: (line: string) => void logged.push(line) });

let store: TestDatabase;
let vonage: VonageServer;
let smtp: TestSmtpServer;
let sms: DeliveryChannel;
let mail: ReturnType<typeof smtpChannel>;
let owner: { tenantId: string; userId: string };

const insertOwner = statement<Nothing, { tenantId: string; accountId: string; userId: string }>(
  'test-insert-owner',
  ($) => sql`with t as (insert into tenant (id, name) values (${$.tenantId}, 'test')),
  a as (insert into account (id, tenant_id, external_id) values (${$.accountId}, ${$.tenantId}, 'account-7'))
  insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
  values (${$.userId}, ${$.tenantId}, ${$.accountId}, 'user-9', 'person', '\x00', '\x00')`,
);
const insertDelivery = statement<
  Nothing,
  {
    eventId: string;
    job: string;
    id: string;
    tenantId: string;
    userId: string;
    deviceId: string;
    challengeId: string;
    channel: string;
    kind: string;
    payloadSealed: Buffer;
    requestId: string;
    lifeSeconds: number;
  }
>(
  'test-insert-delivery',
  ($) => sql`with o as (
    insert into outbox (id, job, payload, published_at, publications)
    values (${$.eventId}, ${$.job}, jsonb_build_object('deliveryId', ${$.id}::text), now(), 1)
  )
  insert into delivery
    (id, tenant_id, user_id, device_id, challenge_id, channel, kind, payload_sealed, request_id, expires_at)
  values (${$.id}, ${$.tenantId}, ${$.userId}, ${$.deviceId}, ${$.challengeId}, ${$.channel}, ${$.kind}, ${$.payloadSealed}, ${$.requestId}, clock_timestamp() + ${$.lifeSeconds}::float8 * interval '1 second')`,
);
const readDelivery = statement<Row, { id: string }>(
  'test-read-delivery',
  ($) => sql`select status, fence, provider, provider_reference as reference, error, payload_sealed as payload,
    lease_until as lease, sent_at is not null as sent, ended_at is not null as ended,
    (select count(*)::int from outbox where payload ->> 'deliveryId' = ${$.id}) as jobs
  from delivery where id = ${$.id}`,
);
const readAttempts = statement<Attempt, { id: string }>(
  'test-read-attempts',
  (
    $,
  ) => sql`select number, provider, outcome, error, provider_reference as reference, price, ended_at is not null as ended
  from delivery_attempt where delivery_id = ${$.id} order by number`,
);
const readEvents = statement<Told, { id: string }>(
  'test-read-events',
  ($) => sql`select type, data, account_id as account, user_id as user, user_ref as "userRef", request_id as "requestId"
  from event where data ->> 'deliveryId' = ${$.id} order by time`,
);
const endLease = statement<Nothing, { id: string }>(
  'test-end-lease',
  ($) => sql`update delivery set lease_until = clock_timestamp() - interval '1 s' where id = ${$.id}`,
);
const makeDue = statement<Nothing, { id: string }>(
  'test-make-due',
  ($) => sql`update delivery set next_attempt_at = clock_timestamp() where id = ${$.id}`,
);
const makeDead = statement<Nothing, { id: string }>(
  'test-make-dead',
  ($) => sql`update delivery set expires_at = clock_timestamp() where id = ${$.id}`,
);
/** As processes leave it that died in the middle of their attempts. */
const useUp = statement<Nothing, { id: string }>(
  'test-use-up',
  ($) => sql`with t as (
    insert into delivery_attempt (delivery_id, number, provider, outcome, error)
    select ${$.id}, n, 'vonage', case when n < 4 then 'unknown' end, case when n < 4 then 'worker-lost' end
    from generate_series(1, 4) n
  )
  update delivery set fence = 4, status = 'sending' where id = ${$.id}`,
);
const eraseUser = statement<Nothing, { id: string }>(
  'test-erase-user',
  ($) => sql`delete from app_user where id = ${$.id}`,
);

const codePayload: DeliveryPayload = {
  kind: 'code',
  to: number,
  code,
  brand: 'Acme',
  host: 'panel.example.com',
  locale: 'en',
  purpose: 'login',
  detail: null,
  minutes: 5,
};
const notice: DeliveryPayload = {
  kind: 'notice',
  to: address,
  notice: 'lockout',
  brand: 'Acme',
  locale: 'en',
  facts: { deviceName: 'Work phone' },
  supportContact: null,
};

async function newDelivery(
  channel: 'sms' | 'email' = 'sms',
  options: { payload?: DeliveryPayload | string; lifeSeconds?: number } = {},
): Promise<{ id: string; deviceId: string; challengeId: string }> {
  const id = newId('delivery');
  const deviceId = newId('device');
  const challengeId = newId('challenge');
  const payload = options.payload ?? { ...codePayload, to: channel === 'sms' ? number : address };
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const kind = typeof payload === 'string' ? 'code' : payload.kind;
  await store.database.query(insertDelivery, {
    eventId: newId('event'),
    job: channel === 'sms' ? 'deliver-sms' : 'deliver-email',
    id,
    tenantId: owner.tenantId,
    userId: owner.userId,
    deviceId,
    challengeId,
    channel,
    kind,
    payloadSealed: sealer.seal('delivery', deliveryRow(owner.tenantId, deviceId, id), text),
    requestId,
    lifeSeconds: options.lifeSeconds ?? 300,
  });
  return { id, deviceId, challengeId };
}

interface Row {
  status: string;
  fence: number;
  provider: string | null;
  reference: string | null;
  error: string | null;
  payload: Buffer | null;
  lease: Date | null;
  sent: boolean;
  ended: boolean;
  jobs: number;
}
interface Attempt {
  number: number;
  provider: string;
  outcome: string | null;
  error: string | null;
  reference: string | null;
  price: string | null;
  ended: boolean;
}
interface Told {
  type: string;
  data: Record<string, unknown>;
  account: string;
  user: string;
  userRef: string;
  requestId: string;
}

const row = async (id: string) => (await store.database.one(readDelivery, { id })) as Row;
const attempts = (id: string) => store.database.query(readAttempts, { id });
const outcomes = async (id: string) => (await attempts(id)).map(({ outcome }) => outcome);
const told = (id: string) => store.database.query(readEvents, { id });
const send = (id: string, channel: DeliveryChannel = sms) =>
  deliver({ database: store.database, sealer, channel, logger }, id);
const smsOf = (id: string) => vonage.messages.filter(({ clientRef }) => clientRef === id);
const mailsOf = (id: string) => smtp.mails.filter(({ messageId }) => messageId.includes(id));
const untilDue = (again: void | { retryAt: Date }) => delay(again ? again.retryAt.getTime() - Date.now() + 20 : 0);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** Sends, then does not come back before it is released: a process that hangs, or is dead while it is not. */
function hanging(inner: DeliveryChannel) {
  let release = () => undefined as void;
  let markSent = () => undefined as void;
  const released = new Promise<void>((resolve) => (release = resolve));
  const sent = new Promise<void>((resolve) => (markSent = resolve));
  const channel: DeliveryChannel = {
    name: inner.name,
    send: async (message, signal) => {
      const result = await inner.send(message, signal);
      markSent();
      await released;
      return result;
    },
  };
  return { channel, sent, release: () => release() };
}

/** Sends, and never hears of it. */
function silent(inner: DeliveryChannel): DeliveryChannel['send'] {
  return async (message, signal) => {
    await inner.send(message, signal).catch(() => undefined);
    return new Promise(() => undefined);
  };
}

beforeAll(async () => {
  store = await createTestDatabase({ poolSize: 20 });
  vonage = await startVonageServer();
  smtp = await startSmtpServer();
  sms = vonageChannel({ ...vonage.credentials, from: 'Acme', host: vonage.host });
  mail = smtpChannel({ url: smtp.url, from });
});

beforeEach(async () => {
  owner = { tenantId: newId('tenant'), userId: newId('user') };
  await store.database.query(insertOwner, {
    tenantId: owner.tenantId,
    accountId: newId('account'),
    userId: owner.userId,
  });
});

afterEach(() => vonage.always(undefined));

afterAll(async () => {
  mail.close();
  await smtp.close();
  await vonage.close();
  await store.close();
});

describe('one delivery', () => {
  test('is sent once, told once, and leaves no secret', async () => {
    const { id, deviceId, challengeId } = await newDelivery();
    expect(await send(id)).toBeUndefined();
    expect(await send(id)).toBeUndefined();

    const [message, ...more] = smsOf(id);
    expect(more).toEqual([]);
    expect(message).toMatchObject({ from: 'Acme', to: '31612345678', statusReport: true, accepted: true });
    expect(message?.text).toBe(
      `${code} is your Acme code. It works once and is valid for 5 min. Never share it with anyone.\n@panel.example.com #${code}`,
    );
    expect(message?.ttl).toBeGreaterThan(20_000);
    expect(message?.ttl).toBeLessThanOrEqual(300_000);

    expect(await row(id)).toMatchObject({
      status: 'sent',
      provider: 'vonage',
      payload: null,
      lease: null,
      sent: true,
      jobs: 0,
    });
    expect(await attempts(id)).toMatchObject([
      { number: 1, provider: 'vonage', outcome: 'sent', price: '0.03330000', ended: true },
    ]);
    const { reference } = await row(id);
    expect(reference).toMatch(/^0A0/);
    expect((await attempts(id))[0]?.reference).toBe(reference);

    expect(await told(id)).toEqual([
      {
        type: 'code.sent',
        data: { deliveryId: id, deviceId, challengeId, method: 'sms', provider: 'vonage', attempts: 1 },
        account: 'account-7',
        user: 'user-9',
        userRef: owner.userId,
        requestId,
      },
    ]);
  });

  test('is sent once by 20 that try at the same time', async () => {
    const { id } = await newDelivery();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(id)));
    expect(smsOf(id)).toHaveLength(1);
    expect(await outcomes(id)).toEqual(['sent']);
    expect(await told(id)).toHaveLength(1);
    // Those that came while it was on its way come again, later.
    for (const again of answers) if (again) expect(again.retryAt.getTime()).toBeGreaterThan(Date.now());
  });

  test('is left alone by all others while one is sending it', async () => {
    const { id } = await newDelivery();
    const slow = hanging(sms);
    const first = send(id, slow.channel);
    await slow.sent;
    const others = await Promise.all(Array.from({ length: 19 }, () => send(id)));
    expect(others).toEqual(others.map(() => ({ retryAt: expect.any(Date) })));
    slow.release();
    expect(await first).toBeUndefined();
    expect(smsOf(id)).toHaveLength(1);
    expect(await outcomes(id)).toEqual(['sent']);
  });

  test('whose process died after sending goes out again, with the same code and reference, and is counted', async () => {
    const { id } = await newDelivery();
    const dead = hanging(sms);
    const first = send(id, dead.channel);
    await dead.sent;
    expect(await row(id)).toMatchObject({ status: 'sending', fence: 1, jobs: 1 });
    // The lease is 30 s; whoever finds it taken comes back when it ends, not at once.
    const again = await send(id);
    expect((again as { retryAt: Date }).retryAt.getTime()).toBeGreaterThan(Date.now() + 5000);
    expect(smsOf(id)).toHaveLength(1);

    await store.database.query(endLease, { id });
    expect(await send(id)).toBeUndefined();
    const [one, two, ...more] = smsOf(id);
    expect(more).toEqual([]);
    expect(two?.text).toBe(one?.text);
    expect(two?.clientRef).toBe(one?.clientRef);
    expect(await outcomes(id)).toEqual(['unknown', 'sent']);

    // It was not dead after all: its outcome is counted, and changes nothing else.
    const settled = await row(id);
    const events = await told(id);
    dead.release();
    expect(await first).toBeUndefined();
    expect(await row(id)).toEqual(settled);
    expect(await told(id)).toEqual(events);
    expect(await outcomes(id)).toEqual(['sent', 'sent']);
  });

  /** Two are sending it: one that lost its lease, and the next. */
  async function sendTwice(id: string) {
    const slow = hanging(sms);
    const first = send(id, slow.channel);
    await slow.sent;
    await store.database.query(endLease, { id });
    const next = hanging(sms);
    const second = send(id, next.channel);
    await next.sent;
    return { slow, first, next, second };
  }

  test('is sent when one that lost its lease was told so, while the next is still sending', async () => {
    const { id } = await newDelivery();
    const { slow, first, next, second } = await sendTwice(id);

    slow.release();
    expect(await first).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 2, jobs: 0, payload: null });

    next.release();
    expect(await second).toBeUndefined();
    expect(await outcomes(id)).toEqual(['sent', 'sent']);
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 1 } }]);
  });

  test('is not ended by one that lost its lease and was refused, while the next is still sending', async () => {
    const { id } = await newDelivery();
    vonage.next({ status: '7' });
    const { slow, first, next, second } = await sendTwice(id);

    slow.release();
    expect(await first).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'sending', fence: 2, jobs: 1 });
    expect(await told(id)).toEqual([]);

    next.release();
    await second;
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 2, jobs: 0, payload: null });
    expect(await outcomes(id)).toEqual(['permanent', 'sent']);
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 2 } }]);
  });

  test('is sent once though the database is away when the outcome is to be written', async () => {
    const { id } = await newDelivery();
    const line = await openLine(store.url);
    const database = Database.open({ url: line.url, poolSize: 2, onError: () => undefined });
    await assertMigrated(database);
    const shutting: DeliveryChannel = {
      name: 'vonage',
      send: async (message, signal) => {
        const result = await sms.send(message, signal);
        line.cut();
        setTimeout(line.mend, 300);
        return result;
      },
    };
    expect(await deliver({ database, sealer, channel: shutting, logger }, id)).toBeUndefined();
    expect(smsOf(id)).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, payload: null, jobs: 0 });
    await database.close();
    await line.close();
  });

  test('comes back after a passing fault, and is sent then', async () => {
    const { id } = await newDelivery();
    vonage.next({ status: '1' });
    const again = await send(id);
    expect(again).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'queued', error: 'vonage-1', lease: null, sent: false, jobs: 1 });
    expect((await row(id)).payload).not.toBeNull();
    expect(await told(id)).toEqual([]);
    // Before its time it only says when.
    expect(await send(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(smsOf(id)).toHaveLength(1);

    await untilDue(again);
    expect(await send(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', error: null, payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual(['transient', 'sent']);
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 2 } }]);
  });

  test('is tried for as long as its code lives, however often it is refused', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: 5 });
    vonage.always({ http: 503 });
    for (let again = await send(id); again; again = await send(id)) await untilDue(again);
    const refused = await attempts(id);
    // More than five, and none of them in vain: a tenth of its life apart at most.
    expect(refused.length).toBeGreaterThan(5);
    expect(smsOf(id)).toHaveLength(refused.length);
    expect(new Set(refused.map(({ outcome }) => outcome))).toEqual(new Set(['transient']));
    expect(await row(id)).toMatchObject({
      status: 'failed',
      error: 'vonage-http-503',
      payload: null,
      ended: true,
      jobs: 0,
    });
    expect(await told(id)).toMatchObject([
      { type: 'code.failed', data: { attempts: refused.length, error: 'vonage-http-503' } },
    ]);
  });

  test('is not tried a fifth time when the fourth process died, and waits for its end without its secrets', async () => {
    const { id } = await newDelivery();
    await store.database.query(useUp, { id });
    expect(await send(id)).toBeUndefined();
    expect(smsOf(id)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'sending', payload: null, lease: null, jobs: 0 });
    expect(await attempts(id)).toMatchObject(
      Array.from({ length: 4 }, () => ({ outcome: 'unknown', error: 'worker-lost' })),
    );
    expect(await told(id)).toEqual([]);

    await store.database.query(makeDead, { id });
    await reconcile(store.database);
    expect(await row(id)).toMatchObject({ status: 'expired', ended: true });
    expect(await told(id)).toMatchObject([{ type: 'code.expired', data: { attempts: 4 } }]);
  });

  test('is not sent after its code is dead', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: -1 });
    expect(await send(id)).toBeUndefined();
    expect(await send(id)).toBeUndefined();
    expect(smsOf(id)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'expired', payload: null, ended: true, jobs: 0 });
    expect(await attempts(id)).toEqual([]);
    expect(await told(id)).toMatchObject([{ type: 'code.expired', data: { attempts: 0, method: 'sms' } }]);
  });

  test('that is on its way when its code dies is left to whoever holds it', async () => {
    const { id } = await newDelivery();
    const holder = hanging(sms);
    const first = send(id, holder.channel);
    await holder.sent;
    await store.database.query(makeDead, { id });
    expect(await send(id)).toMatchObject({ retryAt: expect.any(Date) });
    holder.release();
    await first;
    expect(await row(id)).toMatchObject({ status: 'sent' });
    expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
  });

  test('does not wait for a provider beyond the life of the code', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: 0.5 });
    vonage.next({ delayMs: 3000 });
    const again = await send(id);
    expect(again).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'sending', error: 'timeout' });
    await untilDue(again);
    expect(await send(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'expired', payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual(['unknown']);
  });

  test('that does not open or parse is not sent', async () => {
    const broken = await newDelivery('sms', { payload: '{"kind":"code"}' });
    expect(await send(broken.id)).toBeUndefined();
    expect(await row(broken.id)).toMatchObject({ status: 'failed', error: 'payload-invalid', payload: null, jobs: 0 });

    const { id } = await newDelivery();
    const stranger = new Sealer({ active: 'k1', keys: new Map([['k1', randomBytes(32)]]) });
    const parts = { database: store.database, sealer: stranger, channel: sms, logger };
    expect(await deliver(parts, id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'queued', error: 'payload-does-not-open' });
    expect(smsOf(id)).toEqual([]);
  });

  test('of an erased user takes its job along', async () => {
    const { id } = await newDelivery();
    await store.database.query(eraseUser, { id: owner.userId });
    expect(await send(id)).toBeUndefined();
    expect(smsOf(id)).toEqual([]);
    const left = await store.database.query(
      statement<object, { id: string }>(
        'test-jobs-left',
        ($) => sql`select from outbox where payload ->> 'deliveryId' = ${$.id}`,
      ),
      { id },
    );
    expect(left).toEqual([]);
  });
});

describe('Vonage', () => {
  test.each([
    ['throttled', { status: '1' }, 'transient', 'vonage-1'],
    ['internal error', { status: '5' }, 'transient', 'vonage-5'],
    ['account suspended', { status: '8' }, 'transient', 'vonage-8'],
    ['too many binds', { status: '10' }, 'transient', 'vonage-10'],
    ['a status of the future', { status: '99' }, 'transient', 'vonage-99'],
    ['a status that is none', { status: 'No 31612345678' }, 'transient', 'vonage-unknown'],
    ['invalid parameter', { status: '3' }, 'permanent', 'vonage-3'],
    ['invalid message', { status: '6' }, 'permanent', 'vonage-6'],
    ['barred number', { status: '7' }, 'permanent', 'vonage-7'],
    ['refused sender', { status: '15' }, 'permanent', 'vonage-15'],
    ['number not on the list', { status: '29' }, 'permanent', 'vonage-29'],
    ['HTTP 429', { http: 429 }, 'transient', 'vonage-http-429'],
    ['HTTP 503', { http: 503 }, 'transient', 'vonage-http-503'],
    ['HTTP 408', { http: 408 }, 'transient', 'vonage-http-408'],
    ['HTTP 500', { http: 500 }, 'unknown', 'vonage-http-500'],
    ['HTTP 502', { http: 502 }, 'unknown', 'vonage-http-502'],
    ['HTTP 504', { http: 504 }, 'unknown', 'vonage-http-504'],
    ['HTTP 401', { http: 401 }, 'permanent', 'vonage-http-401'],
    ['connection dropped', { drop: true }, 'unknown', 'vonage-broken-off'],
    ['200 with nothing', { body: '{}' }, 'unknown', 'vonage-no-answer'],
    ['200 with no parts', { body: '{"message-count":"0","messages":[]}' }, 'unknown', 'vonage-no-answer'],
    ['200 with null', { body: 'null' }, 'unknown', 'vonage-no-answer'],
    ['200 with half', { body: '{"messages":[{"st' }, 'unknown', 'vonage-no-answer'],
    [
      '200 with one part of two',
      { body: '{"message-count":"2","messages":[{"status":"0","message-id":"1"},{"status":"5"}]}' },
      'unknown',
      'vonage-5',
    ],
  ] as const)('T15 %s is not taken for sent', async (_name, answer, outcome, error) => {
    const { id } = await newDelivery();
    vonage.next(answer);
    await send(id);
    const status = { transient: 'queued', permanent: 'failed', unknown: 'sending' }[outcome];
    expect(await row(id)).toMatchObject({ status, error, sent: false });
    expect(await attempts(id)).toMatchObject([{ outcome, error, reference: null, price: null }]);
    const events = await told(id);
    if (outcome !== 'permanent') expect(events).toEqual([]);
    else expect(events).toMatchObject([{ type: 'code.failed', data: { error, attempts: 1 } }]);
  });

  test('a message with less than 20 s to live is sent with the shortest time that the API takes', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: 5 });
    await send(id);
    expect(smsOf(id)).toMatchObject([{ ttl: 20_000, accepted: true }]);
  });

  test('a wrong secret, a host that is away', async () => {
    const stranger = vonageChannel({ apiKey: 'test-key', apiSecret: 'wrong', from: 'Acme', host: vonage.host });
    const { id } = await newDelivery();
    await send(id, stranger);
    expect(await row(id)).toMatchObject({ status: 'failed', error: 'vonage-http-401' });

    const away = await newDelivery();
    await send(away.id, vonageChannel({ ...vonage.credentials, from: 'Acme', host: 'http://127.0.0.1:1' }));
    expect(await row(away.id)).toMatchObject({ status: 'queued', error: 'vonage-unreachable' });
  });
});

describe('mail', () => {
  test('carries the code, answers no robot, and can be told from a repeat', async () => {
    const { id } = await newDelivery('email');
    expect(await send(id, mail)).toBeUndefined();
    const [received, ...more] = mailsOf(id);
    expect(more).toEqual([]);
    expect(received?.envelope).toEqual({ from: '2fa@panel.example', to: [address] });
    expect(received?.messageId).toBe(`<${id}@sallyport.panel.example>`);
    expect(received?.headers['auto-submitted']).toBe('auto-generated');
    expect(received?.subject).toBe('Your Acme code');
    expect(/\d{6}/.exec(received?.text ?? '')?.[0]).toBe(code);
    expect(/\d{6}/.exec(received?.html ?? '')?.[0]).toBe(code);
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'smtp', payload: null, jobs: 0 });
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { method: 'email', provider: 'smtp' } }]);
  });

  test('T14 dropped after its content is repeated with the same Message-ID', async () => {
    const { id } = await newDelivery('email');
    smtp.next({ drop: true });
    expect(await send(id, mail)).toMatchObject({ retryAt: expect.any(Date) });
    await store.database.query(makeDue, { id });
    expect(await send(id, mail)).toBeUndefined();
    const [one, two, ...more] = mailsOf(id);
    expect(more).toEqual([]);
    expect(two?.messageId).toBe(one?.messageId);
    expect(two?.text).toBe(one?.text);
    expect(await outcomes(id)).toEqual(['unknown', 'sent']);
  });

  test.each([
    [{ at: 'RCPT', code: 550 }, 'permanent', 'smtp-550'],
    [{ at: 'DATA', code: 554 }, 'permanent', 'smtp-554'],
    [{ at: 'MAIL', code: 451 }, 'transient', 'smtp-451'],
    [{ at: 'RCPT', code: 450 }, 'transient', 'smtp-450'],
    [{ at: 'DATA', code: 421 }, 'transient', 'smtp-421'],
  ] as const)('T14 refused: %j', async (answer, outcome, error) => {
    const { id } = await newDelivery('email');
    smtp.next(answer);
    await send(id, mail);
    expect(await row(id)).toMatchObject({ status: outcome === 'transient' ? 'queued' : 'failed', error, sent: false });
    expect(await outcomes(id)).toEqual([outcome]);
  });

  test('T14 goes to no server whose certificate nobody signed, nor to one that is away', async () => {
    const bad = await startSmtpServer({ badTls: true });
    const channel = smtpChannel({ url: bad.url, from });
    const { id } = await newDelivery('email');
    await send(id, channel);
    expect(bad.mails).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'queued', sent: false });
    channel.close();
    await bad.close();

    const nobody = smtpChannel({ url: 'smtp://127.0.0.1:1', from });
    const away = await newDelivery('email');
    await send(away.id, nobody);
    expect(await row(away.id)).toMatchObject({ status: 'queued', error: expect.stringMatching(/^smtp-e/) });
    nobody.close();
  });

  test('goes to one address only, whatever stands in it', async () => {
    const { id } = await newDelivery('email', { payload: { ...codePayload, to: 'a@b.example, other@c.example' } });
    await send(id, mail);
    for (const { envelope } of mailsOf(id)) expect(envelope.to).toHaveLength(1);
    expect(mailsOf(id).flatMap(({ envelope }) => envelope.to)).not.toContain('other@c.example');
  });

  test('notices are sent without an event, and have one when they are not sent', async () => {
    const { id } = await newDelivery('email', { payload: notice });
    await send(id, mail);
    expect(mailsOf(id)).toMatchObject([{ subject: 'Acme: too many wrong codes' }]);
    expect(await row(id)).toMatchObject({ status: 'sent', payload: null, jobs: 0 });
    expect(await told(id)).toEqual([]);

    const dead = await newDelivery('email', { payload: notice, lifeSeconds: -1 });
    await send(dead.id, mail);
    expect(await row(dead.id)).toMatchObject({ status: 'expired' });
    const refused = await newDelivery('email', { payload: notice });
    smtp.next({ at: 'RCPT', code: 550 });
    await send(refused.id, mail);
    const wrongWay = await newDelivery('sms', { payload: notice });
    await send(wrongWay.id);
    expect(await row(wrongWay.id)).toMatchObject({ status: 'failed', error: 'no-words' });
    for (const [delivery, type, data] of [
      [dead, 'notice.expired', { method: 'email', attempts: 0 }],
      [refused, 'notice.failed', { method: 'email', attempts: 1, error: 'smtp-550' }],
      [wrongWay, 'notice.failed', { method: 'sms', attempts: 1, error: 'no-words' }],
    ] as const) {
      const { id: deliveryId, deviceId } = delivery;
      const found = await told(deliveryId);
      expect(found).toMatchObject([
        { type, data: { deliveryId, deviceId, ...data }, userRef: owner.userId, requestId },
      ]);
      expect(events[type].data.parse(found[0]?.data)).toEqual(found[0]?.data);
    }
  });

  test('T14 a server that makes strangers wait gets its notice in the end', async () => {
    const { id } = await newDelivery('email', { payload: notice, lifeSeconds: 86_400 });
    // Five minutes of 451, and as long again: nine tries.
    smtp.next(...Array.from({ length: 9 }, () => ({ at: 'RCPT', code: 451 }) as const));
    for (let again = await send(id, mail); again; again = await send(id, mail)) {
      expect(await row(id)).toMatchObject({ status: 'queued', error: 'smtp-451', jobs: 1 });
      await store.database.query(makeDue, { id });
    }
    expect(await row(id)).toMatchObject({ status: 'sent', error: null, payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual([...Array.from({ length: 9 }, () => 'transient'), 'sent']);
    expect(mailsOf(id)).toHaveLength(1);
  });

  test.each([
    ['greeting', 'transient'],
    ['MAIL', 'transient'],
    ['RCPT', 'transient'],
    ['DATA', 'transient'],
    ['message', 'unknown'],
  ] as const)('T14 a server that goes away at its reply to %s: %s', async (at, outcome) => {
    const server = await startAbruptSmtpServer(at);
    const channel = smtpChannel({ url: server.url, from });
    const { id } = await newDelivery('email');
    await send(id, channel);
    expect(await outcomes(id)).toEqual([outcome]);
    expect(await row(id)).toMatchObject({ status: outcome === 'unknown' ? 'sending' : 'queued', sent: false });
    channel.close();
    await server.close();
  });
});

describe('a provider that does not tell how it ended', () => {
  /** Waits no longer than this for an answer, so that a provider of a second is a slow one. */
  const hasty = (id: string, channel: DeliveryChannel = sms) =>
    deliver({ database: store.database, sealer, channel, logger, waitMs: 300 }, id);

  test('but answers late: each code is one SMS, and sent', async () => {
    vonage.always({ delayMs: 1500 });
    const codes = await Promise.all(Array.from({ length: 20 }, () => newDelivery()));
    const agains = await Promise.all(codes.map(({ id }) => hasty(id)));
    for (const [index, { id }] of codes.entries()) {
      expect(agains[index]).toMatchObject({ retryAt: expect.any(Date) });
      expect(await row(id)).toMatchObject({ status: 'sending', error: 'timeout', lease: null, jobs: 1 });
      expect(await outcomes(id)).toEqual(['unknown']);
      // Not before the late answer is waited for no more.
      expect((agains[index] as { retryAt: Date }).retryAt.getTime()).toBeGreaterThan(Date.now() + 50_000);
    }
    for (const { id } of codes) {
      await until(async () => (await row(id)).status === 'sent');
      expect(await hasty(id)).toBeUndefined();
      expect(await row(id)).toMatchObject({ error: null, payload: null, jobs: 0, sent: true });
      expect(await attempts(id)).toMatchObject([{ outcome: 'sent', price: '0.03330000', ended: true }]);
      expect(smsOf(id)).toHaveLength(1);
      expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 1 } }]);
    }
  });

  test('and never answers: an SMS goes out twice at most, is never failed, and expires', async () => {
    const { id } = await newDelivery();
    const breakOff = { ...sms, send: silent(sms) };
    await hasty(id, breakOff);
    await store.database.query(makeDue, { id });
    await hasty(id, breakOff);
    expect((await row(id)).payload).not.toBeNull();
    for (let round = 0; round < 3; round += 1) {
      await store.database.query(makeDue, { id });
      await hasty(id, breakOff);
    }
    expect(smsOf(id)).toHaveLength(2);
    expect(await outcomes(id)).toEqual(['unknown', 'unknown']);
    expect(await row(id)).toMatchObject({ status: 'sending', error: 'timeout', payload: null, lease: null, jobs: 0 });
    expect(await told(id)).toEqual([]);

    await store.database.query(makeDead, { id });
    await reconcile(store.database);
    expect(await row(id)).toMatchObject({ status: 'expired', ended: true });
    expect(await told(id)).toMatchObject([{ type: 'code.expired', data: { attempts: 2 } }]);
  });

  test('a mail is repeated four times at most, and later each time', async () => {
    const { id } = await newDelivery('email', { payload: notice, lifeSeconds: 86_400 });
    smtp.next(...Array.from({ length: 9 }, () => ({ drop: true })));
    const pauses: number[] = [];
    for (let again = await send(id, mail); again; again = await send(id, mail)) {
      pauses.push(again.retryAt.getTime() - Date.now());
      await store.database.query(makeDue, { id });
    }
    expect(mailsOf(id)).toHaveLength(4);
    expect(await outcomes(id)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
    expect(pauses[0]).toBeGreaterThan(20 * 60_000);
    expect(await row(id)).toMatchObject({ status: 'sending', payload: null, jobs: 0 });
    smtp.forget();
  });

  test('and refuses the repeat: nothing is failed that may have arrived', async () => {
    const { id } = await newDelivery();
    vonage.next({ drop: true }, { status: '7' });
    await send(id);
    await store.database.query(makeDue, { id });
    await send(id);
    expect(await outcomes(id)).toEqual(['unknown', 'permanent']);
    expect(await row(id)).toMatchObject({ status: 'sending', error: 'vonage-7', payload: null, jobs: 0, ended: false });
    expect(await told(id)).toEqual([]);
    expect(await send(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(smsOf(id)).toHaveLength(2);
  });

  test('and then says that it had not sent: it is tried again as after any refusal', async () => {
    const { id } = await newDelivery();
    vonage.next({ delayMs: 800, http: 503 });
    await hasty(id);
    expect(await outcomes(id)).toEqual(['unknown']);
    await until(async () => (await outcomes(id))[0] === 'transient');
    expect(await row(id)).toMatchObject({ status: 'queued', error: 'vonage-http-503', jobs: 1 });
    await store.database.query(makeDue, { id });
    expect(await send(id)).toBeUndefined();
    expect(await outcomes(id)).toEqual(['transient', 'sent']);
  });

  test('and then says that it never will: failed, once', async () => {
    const { id } = await newDelivery();
    vonage.next({ delayMs: 800, status: '7' });
    await hasty(id);
    await until(async () => (await row(id)).status === 'failed');
    expect(await row(id)).toMatchObject({ error: 'vonage-7', payload: null, jobs: 0, ended: true });
    expect(await told(id)).toMatchObject([{ type: 'code.failed', data: { error: 'vonage-7', attempts: 1 } }]);
    expect(smsOf(id)).toHaveLength(1);
  });

  test('and a late answer to the first try ends the second, whatever becomes of that', async () => {
    const { id } = await newDelivery();
    vonage.next({ delayMs: 1500 }, { delayMs: 3000, http: 503 });
    await hasty(id);
    await store.database.query(makeDue, { id });
    await hasty(id);
    await until(async () => (await row(id)).status === 'sent');
    await until(async () => (await outcomes(id))[1] === 'transient');
    expect(await outcomes(id)).toEqual(['sent', 'transient']);
    expect(await row(id)).toMatchObject({ status: 'sent', payload: null, jobs: 0 });
    expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
  });
});

describeOnBackends('workers', (backend) => {
  test('send what the queue names, come back after a fault, and finish what is on its way when stopped', async () => {
    const queueStore = await backend.open(store.url);
    const queues = await openQueues(queueStore.url, logger);
    const parts = { database: store.database, queues, sealer, logger };
    const smsWorker = await startSmsWorker({ ...parts, channel: sms });
    // Its own: it ends with the worker.
    const emailWorker = await startEmailWorker({ ...parts, channel: smtpChannel({ url: smtp.url, from }) });
    const text = await newDelivery();
    const letter = await newDelivery('email');
    const warning = await newDelivery('email', { payload: notice });
    vonage.next({ http: 503 });
    await queues.publish([
      { job: 'deliver-sms', id: newId('event'), payload: { deliveryId: text.id, requestId } },
      { job: 'deliver-email', id: newId('event'), payload: { deliveryId: letter.id, requestId } },
      { job: 'deliver-notice', id: newId('event'), payload: { deliveryId: warning.id, requestId } },
    ]);
    for (const { id } of [text, letter, warning]) await until(async () => (await row(id)).status === 'sent');
    expect(await outcomes(text.id)).toEqual(['transient', 'sent']);

    const last = await newDelivery();
    vonage.next({ delayMs: 700 });
    await queues.publish([{ job: 'deliver-sms', id: newId('event'), payload: { deliveryId: last.id, requestId } }]);
    await until(() => smsOf(last.id).length > 0);
    await smsWorker.stop();
    expect(await row(last.id)).toMatchObject({ status: 'sent', fence: 1 });

    // Its job is over, and its answer still to come.
    const hastyWorker = await startSmsWorker({ ...parts, channel: sms, waitMs: 100 });
    const owed = await newDelivery();
    vonage.next({ delayMs: 2000 });
    await queues.publish([{ job: 'deliver-sms', id: newId('event'), payload: { deliveryId: owed.id, requestId } }]);
    await until(async () => (await outcomes(owed.id))[0] === 'unknown');
    await hastyWorker.stop();
    expect(await row(owed.id)).toMatchObject({ status: 'sent', fence: 1, jobs: 0 });
    await emailWorker.stop();
    await queues.close();
    await queueStore.close();
  });
});

test('T22 no code, number or address reached the log', () => {
  const log = logged.join('');
  expect(log).toContain('delivery attempted');
  for (const secret of [code, number, number.slice(1), address]) expect(log).not.toContain(secret);
});
