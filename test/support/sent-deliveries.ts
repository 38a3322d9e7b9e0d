import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { smtpChannel } from '../../apps/email-worker/src/smtp-channel.js';
import { vonageChannel } from '../../apps/sms-worker/src/vonage-channel.js';
import { deliveryRow, newId, type DeliveryChannel, type DeliveryPayload } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { Sealer, sql, statement, type Nothing } from '#persistence';
import { createLogger } from '#runtime';
import { createTestDatabase, type TestDatabase } from './database.js';
import { startSmtpServer, type TestSmtpServer } from './smtp-server.js';
import { startVonageServer, type VonageServer } from './vonage-server.js';

/** Deliveries beside the servers that take them, for each file that imports this: its database, Vonage's protocol, SMTP, and a log that is kept. */

export const code = '048213';
export const number = '+31612345678';
export const address = 'owner@customer.example';
export const requestId = 'req_test';
export const from = 'Panel <2fa@panel.example>';

export const sealer = new Sealer({ active: 'k1', keys: new Map([['k1', randomBytes(32)]]) });
export const logged: string[] = [];
export const logger = createLogger('test', { write: (line: string) => void logged.push(line) });

export let store: TestDatabase;
export let vonage: VonageServer;
export let smtp: TestSmtpServer;
export let sms: DeliveryChannel;
export let mail: ReturnType<typeof smtpChannel>;
export let owner: { tenantId: string; userId: string };

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
    country: string | null;
    kind: string;
    payloadSealed: Buffer;
    requestId: string;
    lifeSeconds: number;
  }
>(
  'test-insert-delivery',
  ($) => sql`with o as (
    insert into outbox (id, job, line, payload, published_at, publications)
    values (${$.eventId}, ${$.job}, '', jsonb_build_object('deliveryId', ${$.id}::text), now(), 1)
  )
  insert into delivery
    (id, tenant_id, user_id, device_id, challenge_id, channel, country, kind, payload_sealed, request_id, expires_at)
  values (${$.id}, ${$.tenantId}, ${$.userId}, ${$.deviceId}, ${$.challengeId}, ${$.channel}, ${$.country}, ${$.kind}, ${$.payloadSealed}, ${$.requestId}, clock_timestamp() + ${$.lifeSeconds}::float8 * interval '1 second')`,
);
const readDelivery = statement<Row, { id: string }>(
  'test-read-delivery',
  ($) => sql`select status, fence, provider, provider_reference as reference, error, payload_sealed as payload,
    lease_until as lease, awaits_receipt as awaits, sent_at is not null as sent, ended_at is not null as ended,
    (select count(*)::int from outbox where payload ->> 'deliveryId' = ${$.id}) as jobs
  from delivery where id = ${$.id}`,
);
const readAttempts = statement<Attempt, { id: string }>(
  'test-read-attempts',
  (
    $,
  ) => sql`select number, provider, outcome, error, provider_reference as reference, price, ended_at is not null as ended,
    receipt, receipt_error as "receiptError", receipt_at as "receiptAt"
  from delivery_attempt where delivery_id = ${$.id} order by number`,
);
const readEvents = statement<Told, { id: string }>(
  'test-read-events',
  ($) => sql`select type, data, account_id as account, user_id as user, user_ref as "userRef", request_id as "requestId"
  from event where data ->> 'deliveryId' = ${$.id} order by time`,
);
export const endLease = statement<Nothing, { id: string }>(
  'test-end-lease',
  ($) => sql`update delivery set lease_until = clock_timestamp() - interval '1 s' where id = ${$.id}`,
);
export const makeDue = statement<Nothing, { id: string }>(
  'test-make-due',
  ($) => sql`update delivery set next_attempt_at = clock_timestamp() where id = ${$.id}`,
);
export const makeDead = statement<Nothing, { id: string }>(
  'test-make-dead',
  ($) => sql`update delivery set expires_at = clock_timestamp() where id = ${$.id}`,
);
/** As processes leave it that died in the middle of their attempts. */
export const useUp = statement<Nothing, { id: string }>(
  'test-use-up',
  ($) => sql`with t as (
    insert into delivery_attempt (delivery_id, number, provider, outcome, error)
    select ${$.id}, n, 'vonage', case when n < 4 then 'unknown' end, case when n < 4 then 'worker-lost' end
    from generate_series(1, 4) n
  )
  update delivery set fence = 4, status = 'sending' where id = ${$.id}`,
);
export const eraseUser = statement<Nothing, { id: string }>(
  'test-erase-user',
  ($) => sql`delete from app_user where id = ${$.id}`,
);

export const codePayload: DeliveryPayload = {
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
export const notice: DeliveryPayload = {
  kind: 'notice',
  to: address,
  notice: 'lockout',
  brand: 'Acme',
  locale: 'en',
  facts: { deviceName: 'Work phone' },
  supportContact: null,
};

/** A channel to the mail server of the tests; it ends with the worker that it is given to. */
export const mailChannel = () => smtpChannel({ url: smtp.url, from });

export async function newDelivery(
  channel: 'sms' | 'email' = 'sms',
  options: { payload?: DeliveryPayload | string; lifeSeconds?: number; country?: string | null } = {},
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
    country: options.country === undefined && channel === 'sms' ? 'NL' : (options.country ?? null),
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
  awaits: boolean;
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
  receipt: string | null;
  receiptError: string | null;
  receiptAt: Date | null;
}
interface Told {
  type: string;
  data: Record<string, unknown>;
  account: string;
  user: string;
  userRef: string;
  requestId: string;
}

export const row = async (id: string) => (await store.database.one(readDelivery, { id })) as Row;
export const attempts = (id: string) => store.database.query(readAttempts, { id });
export const outcomes = async (id: string) => (await attempts(id)).map(({ outcome }) => outcome);
export const told = (id: string) => store.database.query(readEvents, { id });
export const send = (id: string, channel: DeliveryChannel = sms) =>
  new Deliverer({ database: store.database, sealer, routes: new RouteTable([channel]), logger }).deliver(id);
export const smsOf = (id: string) => vonage.messages.filter(({ clientRef }) => clientRef === id);
export const mailsOf = (id: string) => smtp.mails.filter(({ messageId }) => messageId.includes(id));
export const untilDue = (again: void | { retryAt: Date }) =>
  delay(again ? again.retryAt.getTime() - Date.now() + 20 : 0);

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** Sends, then does not come back before it is released: a process that hangs, or is dead while it is not. */
export function hanging(inner: DeliveryChannel) {
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
export function silent(inner: DeliveryChannel): DeliveryChannel['send'] {
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
  mail = mailChannel();
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

const closedFirst: (() => Promise<unknown>)[] = [];

/** Has what is connected to the database closed before it is dropped: hooks run in the order in which they are declared. */
export function closeFirst(close: () => Promise<unknown>): void {
  closedFirst.push(close);
}

afterAll(async () => {
  for (const close of closedFirst) await close();
  mail.close();
  await smtp.close();
  await vonage.close();
  await store.close();
});
