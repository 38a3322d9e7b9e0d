import { expect, test } from '@jest/globals';
import { Deliverer, RouteTable } from '#delivery';
import { Database } from '#persistence';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { vonageSays } from '../../support/receipt-gateway.js';
import {
  attempts,
  hanging,
  logger,
  makeDead,
  newDelivery,
  row,
  sealer,
  send,
  sms,
  store,
  told,
} from '../../support/sent-deliveries.js';

/** Each of these is about one delivery, with two gateways, a worker and a relay on connections of their own. */

const types = async (id: string) => (await told(id)).map(({ type }) => type).toSorted();
const many = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

test('one receipt 40 times at once: one event', async () => {
  const { id } = await newDelivery();
  await send(id);
  const answers = await many(40, () => vonageSays(id, 'delivered'));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await row(id)).toMatchObject({ status: 'delivered', payload: null, jobs: 0 });
  expect(await types(id)).toEqual(['code.delivered', 'code.sent']);
});

test('every status at once, in any order: what has arrived is delivered', async () => {
  const ids = await many(12, async () => {
    const { id } = await newDelivery();
    await send(id);
    return id;
  });
  const statuses = ['failed', 'accepted', 'delivered', 'expired', 'buffered', 'delivered', 'rejected'];
  await Promise.all(
    ids.flatMap((id, index) => statuses.map((_, place) => vonageSays(id, statuses[(place + index) % 7] ?? ''))),
  );
  for (const id of ids) {
    expect(await row(id)).toMatchObject({ status: 'delivered', error: null });
    expect(await attempts(id)).toMatchObject([{ receipt: 'delivered', receiptError: null }]);
    const told = await types(id);
    expect(told.filter((type) => type === 'code.delivered')).toHaveLength(1);
    expect(told.filter((type) => type === 'code.failed').length).toBeLessThanOrEqual(1);
  }
});

test('the answer and the receipt at once: the receipt stands, the message is paid for once, and nothing is left over', async () => {
  const worker = Database.open({ url: store.url, poolSize: 10, onError: () => undefined });
  const slow = hanging(sms);
  const routes = new RouteTable([{ ...slow.channel, receipts: true }]);
  const deliverer = new Deliverer({ database: worker, sealer, routes, logger, waitMs: 30_000 });
  const deliveries = await many(24, async (index) => ({
    ...(await newDelivery()),
    says: index % 2 === 0 ? ('delivered' as const) : ('failed' as const),
  }));
  const under = deliveries.map(({ id }) => deliverer.deliver(id));
  while (true) {
    const begun = await Promise.all(deliveries.map(({ id }) => attempts(id)));
    if (begun.every(({ length }) => length === 1)) break;
  }
  slow.release();
  const receipts = deliveries.map(({ id, says }) => vonageSays(id, says));
  await Promise.all([...under, ...receipts]);
  for (const { id, says } of deliveries) {
    expect(await row(id)).toMatchObject({ status: says, payload: null, jobs: 0, lease: null, ended: true });
    expect(await attempts(id)).toMatchObject([{ outcome: 'sent', receipt: says }]);
    const told = await types(id);
    expect(told.filter((type) => type === `code.${says}`)).toHaveLength(1);
    expect(told.filter((type) => !['code.sent', `code.${says}`].includes(type))).toEqual([]);
  }
  await worker.close();
});

test('the end of its life and the receipt at once: delivered, however it comes out', async () => {
  const ids = await many(16, async () => {
    const { id } = await newDelivery();
    await send(id, { name: 'vonage', send: async () => ({ outcome: 'unknown', error: 'broken-off' }) });
    await store.database.query(makeDead, { id });
    return id;
  });
  await Promise.all([
    reconcile(store.database),
    ...ids.map((id) => vonageSays(id, 'delivered')),
    reconcile(store.database),
  ]);
  for (const id of ids) {
    expect(await row(id)).toMatchObject({ status: 'delivered', payload: null, jobs: 0 });
    expect((await types(id)).filter((type) => type === 'code.delivered')).toHaveLength(1);
  }
});
