import { expect, test } from '@jest/globals';
import type { DeliveryChannel, SendResult } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { Database, sql, statement, statementChannel, type Nothing } from '#persistence';
import { hold } from '../../support/hold.js';
import {
  attempts,
  endLease,
  logger,
  newDelivery,
  outcomes,
  row,
  sealer,
  sms,
  smsOf,
  store,
  told,
  until,
} from '../../support/sent-deliveries.js';

const newDeliveries = (count: number) => Promise.all(Array.from({ length: count }, () => newDelivery()));

/** A worker with connections of its own. */
function openWorker(channel: DeliveryChannel = sms) {
  const database = Database.open({ url: store.url, poolSize: 10, onError: () => undefined });
  // More patient with answers than a worker: on a busy machine a test takes its time.
  const deliverer = new Deliverer({ database, sealer, routes: new RouteTable([channel]), logger, waitMs: 30_000 });
  return { deliver: (id: string) => deliverer.deliver(id), close: () => database.close() };
}

const endWaiting = statement<{ ended: boolean }>(
  'test-end-those-that-wait',
  sql`select pg_terminate_backend(pid) as ended from pg_stat_activity
   where datname = current_database() and wait_event_type = 'Lock'`,
);

/** Statements with this name that were asked meanwhile. */
async function counted(name: string, work: () => Promise<unknown>): Promise<number> {
  let statements = 0;
  const count = (asked: unknown) => {
    if (asked === name) statements += 1;
  };
  statementChannel.subscribe(count);
  await work().finally(() => statementChannel.unsubscribe(count));
  return statements;
}

test('deliveries that come together are claimed and written down together, each with an outcome of its own', async () => {
  const list = await newDeliveries(64);
  const told64 = new Map<string, SendResult>(
    list.map(({ id }, index) => {
      const refused = (['permanent', 'transient', 'unknown'] as const)[index % 4];
      if (refused) return [id, { outcome: refused, error: `refused-${index}` }];
      return [id, { outcome: 'sent', reference: `ref-${index}`, price: `0.${index + 10}` }];
    }),
  );
  const channel: DeliveryChannel = {
    name: 'vonage',
    send: async ({ deliveryId }) => told64.get(deliveryId) as SendResult,
  };
  const worker = openWorker(channel);
  let agains: unknown[] = [];
  const claims = await counted('delivery-claim-together', async () => {
    agains = await Promise.all(list.map(({ id }) => worker.deliver(id)));
  });
  expect(claims).toBeGreaterThan(0);
  expect(claims).toBeLessThanOrEqual(16);

  for (const [index, { id, deviceId, challengeId }] of list.entries()) {
    const result = told64.get(id);
    const sent = result?.outcome === 'sent' ? result : undefined;
    const error = result?.outcome === 'sent' ? null : result?.error;
    const status = { sent: 'sent', permanent: 'failed', transient: 'queued', unknown: 'sending' }[
      result?.outcome ?? 'sent'
    ];
    const reference = sent?.reference ?? null;
    expect({ index, ...(await row(id)) }).toMatchObject({ index, status, reference, error, fence: 1, lease: null });
    expect(await attempts(id)).toMatchObject([
      { number: 1, outcome: result?.outcome, error, reference, price: sent?.price ?? null, ended: true },
    ]);
    const data = { deliveryId: id, deviceId, challengeId, attempts: 1 };
    const events = { sent: [{ type: 'code.sent', data }], failed: [{ type: 'code.failed', data: { ...data, error } }] };
    expect(await told(id)).toMatchObject(events[status as 'sent' | 'failed'] ?? []);
    const comesAgain = status === 'queued' || status === 'sending';
    expect(agains[index]).toEqual(comesAgain ? { retryAt: expect.any(Date) } : undefined);
  }
  await worker.close();
});

test('what SMS cost is counted for each message of a statement', async () => {
  const list = await newDeliveries(40);
  const channel: DeliveryChannel = {
    name: 'vonage',
    // With as many decimals as a provider may write.
    send: async () => ({ outcome: 'sent', reference: null, price: '0.0500000000' }),
  };
  const worker = openWorker(channel);
  await Promise.all(list.map(({ id }) => worker.deliver(id)));
  const spent = await store.database.one(
    statement<{ messages: number; cost: number }, { id: string }>(
      'test-spent',
      ($) => sql`select sum(messages) as messages, sum(cost)::float8 as cost from sms_spend
       where tenant_id = (select tenant_id from delivery where id = ${$.id})`,
    ),
    { id: list[0]?.id ?? '' },
  );
  expect(spent).toEqual({ messages: 40, cost: 2 });
  await worker.close();
});

test('a delivery that is asked for several times at once is sent once', async () => {
  const list = await newDeliveries(12);
  const worker = openWorker();
  await Promise.all([...list, ...list, ...list].map(({ id }) => worker.deliver(id)));
  for (const { id } of list) {
    expect([id, smsOf(id).length]).toEqual([id, 1]);
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, jobs: 0 });
    expect(await told(id)).toHaveLength(1);
  }
  await worker.close();
});

test('two workers that race for the same deliveries, in opposite order, send each once', async () => {
  const list = await newDeliveries(48);
  const workers = [openWorker(), openWorker()] as const;
  await Promise.all([
    ...list.map(({ id }) => workers[0].deliver(id)),
    ...list.toReversed().map(({ id }) => workers[1].deliver(id)),
  ]);
  for (const { id } of list) {
    expect([id, smsOf(id).length]).toEqual([id, 1]);
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, jobs: 0 });
    expect(await outcomes(id)).toEqual(['sent']);
    expect(await told(id)).toHaveLength(1);
  }
  for (const worker of workers) await worker.close();
});

test('one that somebody else holds keeps nobody waiting, and is sent when it is let go', async () => {
  const list = await newDeliveries(40);
  const held = list[20]?.id ?? '';
  const holder = await hold(store.url, 'select from delivery where id = $1 for update', [held]);
  const worker = openWorker();
  const all = list.map(({ id }) => worker.deliver(id));
  await Promise.all(all.filter((_, index) => index !== 20));
  expect(await row(held)).toMatchObject({ status: 'queued', fence: 0 });
  expect(smsOf(held)).toEqual([]);
  await holder.release();
  await all[20];
  for (const { id } of list) {
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1 });
    expect(smsOf(id)).toHaveLength(1);
  }
  await worker.close();
});

test('an outcome whose delivery is held is written down when it is let go; the others are by then', async () => {
  const list = await newDeliveries(20);
  const held = list[7]?.id ?? '';
  const go = Promise.withResolvers<void>();
  let begun = 0;
  const channel: DeliveryChannel = {
    name: 'vonage',
    send: async (message, signal) => {
      begun += 1;
      await go.promise;
      return sms.send(message, signal);
    },
  };
  const worker = openWorker(channel);
  const all = list.map(({ id }) => worker.deliver(id));
  await until(() => begun === list.length);
  const holder = await hold(store.url, 'select from delivery where id = $1 for update', [held]);
  go.resolve();
  await Promise.all(all.filter((_, index) => index !== 7));
  expect(await row(held)).toMatchObject({ status: 'sending', fence: 1 });
  await holder.release();
  await all[7];
  for (const { id } of list) {
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, jobs: 0 });
    expect(await outcomes(id)).toEqual(['sent']);
    expect(smsOf(id)).toHaveLength(1);
  }
  await worker.close();
});

test('one that the database refuses to claim keeps nobody from being sent', async () => {
  const list = await newDeliveries(40);
  const spoilt = list[13]?.id ?? '';
  // The next fence is out of range.
  const spoil = statement<Nothing, { id: string }>(
    'test-spoil',
    ($) => sql`update delivery set fence = 2147483647 where id = ${$.id}`,
  );
  await store.database.query(spoil, { id: spoilt });
  const worker = openWorker();
  const results = await Promise.allSettled(list.map(({ id }) => worker.deliver(id)));
  for (const [index, { id }] of list.entries()) {
    const refused = id === spoilt;
    expect([index, results[index]?.status]).toEqual([index, refused ? 'rejected' : 'fulfilled']);
    expect([index, smsOf(id).length]).toEqual([index, refused ? 0 : 1]);
    expect(await row(id)).toMatchObject({ status: refused ? 'queued' : 'sent' });
  }
  await worker.close();
});

test('one whose answer the database refuses to write down keeps no other from being written down', async () => {
  const list = await newDeliveries(40);
  const spoilt = list[13]?.id ?? '';
  const channel: DeliveryChannel = {
    name: 'vonage',
    // PostgreSQL has no character 0.
    send: async ({ deliveryId }) => ({ outcome: 'sent', reference: deliveryId === spoilt ? '\0' : 'ref', price: null }),
  };
  const worker = openWorker(channel);
  const results = await Promise.allSettled(list.map(({ id }) => worker.deliver(id)));
  for (const [index, { id }] of list.entries()) {
    const refused = id === spoilt;
    expect([index, results[index]?.status]).toEqual([index, refused ? 'rejected' : 'fulfilled']);
    expect(await row(id)).toMatchObject({ status: refused ? 'sending' : 'sent', fence: 1 });
  }
  await worker.close();
});

test('a connection that is lost in the middle of a claim has claimed nothing: all are sent afterwards, once', async () => {
  const list = await newDeliveries(30);
  const holder = await hold(store.url, 'lock table delivery_attempt in share mode');
  const worker = openWorker();
  const lost = Promise.allSettled(list.map(({ id }) => worker.deliver(id)));
  await holder.waiting(2);
  let ended = false;
  void lost.then(() => (ended = true));
  // Each statement that waits, also those that come next.
  while (!ended) await store.database.query(endWaiting);
  expect((await lost).map(({ status }) => status)).toEqual(list.map(() => 'rejected'));
  await holder.release();
  for (const { id } of list) expect(await row(id)).toMatchObject({ status: 'queued', fence: 0, lease: null });

  await Promise.all(list.map(({ id }) => worker.deliver(id)));
  for (const { id } of list) {
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1 });
    expect(smsOf(id)).toHaveLength(1);
  }
  await worker.close();
});

test('a connection that is lost in the middle of writing outcomes down loses none', async () => {
  const list = await newDeliveries(30);
  const holder = await hold(store.url, 'lock table sms_spend in share mode');
  const worker = openWorker();
  const all = Promise.all(list.map(({ id }) => worker.deliver(id)));
  await until(() => list.every(({ id }) => smsOf(id).length === 1));
  await holder.waiting(2);
  expect(await store.database.query(endWaiting)).not.toEqual([]);
  await holder.release();
  expect(await all).toEqual(list.map(() => undefined));
  for (const { id } of list) {
    expect(smsOf(id)).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual(['sent']);
    expect(await told(id)).toHaveLength(1);
  }
  await worker.close();
});

test('late answers to two tries of one delivery are both written down, though they come at the same moment', async () => {
  const { id } = await newDelivery();
  const go = Promise.withResolvers<void>();
  let begun = 0;
  const channel: DeliveryChannel = {
    name: 'vonage',
    send: async () => {
      const number = (begun += 1);
      await go.promise;
      return number === 1
        ? { outcome: 'transient', error: 'refused' }
        : { outcome: 'sent', reference: 'second', price: '0.01' };
    },
  };
  const worker = openWorker(channel);
  const first = worker.deliver(id);
  await until(() => begun === 1);
  await store.database.query(endLease, { id });
  const second = worker.deliver(id);
  await until(() => begun === 2);
  // Company, so that there is a statement for several.
  const others = await newDeliveries(10);
  const rest = others.map((other) => worker.deliver(other.id));
  await until(() => begun === 12);
  go.resolve();
  await Promise.all([first, second, ...rest]);
  expect(await outcomes(id)).toEqual(['transient', 'sent']);
  expect(await row(id)).toMatchObject({ status: 'sent', fence: 2, reference: 'second', jobs: 0 });
  for (const other of others) expect(await row(other.id)).toMatchObject({ status: 'sent', fence: 1 });
  await worker.close();
});
