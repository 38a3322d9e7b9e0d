import { describe, expect, test } from '@jest/globals';
import type { DeliveryChannel, SendResult } from '#contracts';
import { sql, statement } from '#persistence';
import { senderSays, vonageSays } from '../../support/receipt-gateway.js';
import { attempts, hanging, newDelivery, owner, row, send, sms, store } from '../../support/sent-deliveries.js';

const many = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

const spendOf = statement<{ messages: number; cost: number }, { tenantId: string }>(
  'test-spend-of',
  ($) => sql`select coalesce(sum(messages), 0)::int as messages, coalesce(sum(cost), 0)::float8 as cost
   from sms_spend where tenant_id = ${$.tenantId}`,
);
const spendByDay = statement<{ day: string; messages: number; cost: number }, { tenantId: string }>(
  'test-spend-by-day',
  ($) => sql`select day::text, sum(messages)::int as messages, sum(cost)::float8 as cost
   from sms_spend where tenant_id = ${$.tenantId} group by day having sum(cost) <> 0 or sum(messages) <> 0 order by day`,
);
const sentYesterday = statement<{ id: string }, { id: string }>(
  'test-sent-yesterday',
  ($) => sql`with moved as (
     update delivery_attempt set started_at = started_at - interval '1 day', ended_at = ended_at - interval '1 day'
     where delivery_id = ${$.id}
   )
   update sms_spend s set day = s.day - 1 from delivery d where d.id = ${$.id} and s.tenant_id = d.tenant_id
   returning d.id`,
);
const spend = async () => (await store.database.one(spendOf, owner)) as { messages: number; cost: number };

/** What was added by some work. */
async function added(work: () => Promise<unknown>): Promise<{ messages: number; cost: number }> {
  const before = await spend();
  await work();
  const after = await spend();
  return { messages: after.messages - before.messages, cost: Number((after.cost - before.cost).toFixed(5)) };
}

/** A sender of the operator's own that answers so. */
const own = (result: SendResult): DeliveryChannel => ({ name: 'http', receipts: true, send: async () => result });
const sentFor = (price: string | null, reference: string | null = null) => own({ outcome: 'sent', reference, price });

async function sent(channel: DeliveryChannel): Promise<string> {
  const { id } = await newDelivery();
  await send(id, channel);
  return id;
}

describe('what a receipt tells as the price is what the message has cost', () => {
  test.each([
    ['more', '0.08', 0.08],
    ['less', '0.01', 0.01],
    ['the same', '0.0333', 0.0333],
    ['nothing', '0', 0],
    ['with its currency', '0.05 EUR', 0.05],
  ])('%s than at sending', async (_name, price, cost) => {
    expect(await added(() => sent(sentFor('0.0333')))).toEqual({ messages: 1, cost: 0.0333 });
    const before = await spend();
    const id = await sent(sentFor('0.0333'));
    await senderSays({ deliveryId: id, status: 'delivered', price });
    const after = await spend();
    expect(after.messages - before.messages).toBe(1);
    expect(after.cost - before.cost).toBeCloseTo(cost, 5);
  });

  test('where the answer told none, and where the receipt tells none', async () => {
    const unpriced = await sent(sentFor(null));
    expect(await added(() => senderSays({ deliveryId: unpriced, status: 'delivered', price: '0.07' }))).toEqual({
      messages: 0,
      cost: 0.07,
    });
    const priced = await sent(sentFor('0.07'));
    expect(await added(() => senderSays({ deliveryId: priced, status: 'delivered' }))).toEqual({
      messages: 0,
      cost: 0,
    });
  });

  test('once, however often and in whatever order they come', async () => {
    const id = await sent(sentFor('0.05'));
    const total = await added(async () => {
      await many(20, () => senderSays({ deliveryId: id, status: 'failed', price: '0.02' }));
      await many(20, () => senderSays({ deliveryId: id, status: 'delivered', price: '0.09' }));
      await many(20, () => senderSays({ deliveryId: id, status: 'failed', price: '0.5' }));
    });
    expect(total).toEqual({ messages: 0, cost: 0.04 });
    expect(await attempts(id)).toMatchObject([{ receipt: 'delivered', price: '0.09' }]);
  });

  test('also where the receipt is faster than the answer, which tells another', async () => {
    const slow = hanging(sentFor('0.05'));
    const { id } = await newDelivery();
    const total = await added(async () => {
      const under = send(id, { ...slow.channel, name: 'http', receipts: true });
      while ((await attempts(id)).length === 0);
      await senderSays({ deliveryId: id, status: 'delivered', price: '0.02' });
      slow.release();
      await under;
    });
    expect(total).toEqual({ messages: 1, cost: 0.02 });
    expect(await attempts(id)).toMatchObject([{ outcome: 'sent', price: '0.02' }]);
  });

  test('also of an attempt whose answer never came: it was taken', async () => {
    const { id } = await newDelivery();
    expect(await added(() => send(id, own({ outcome: 'unknown', error: 'broken-off' })))).toEqual({
      messages: 0,
      cost: 0,
    });
    const told = () => senderSays({ deliveryId: id, status: 'delivered', price: '0.06' });
    expect(await added(() => many(5, told))).toEqual({ messages: 1, cost: 0.06 });
  });

  test('at once with their answers: each message is counted once, at its last price', async () => {
    const slow = hanging(sms);
    const deliveries = await many(16, () => newDelivery());
    const total = await added(async () => {
      const under = deliveries.map(({ id }) => send(id, { ...slow.channel, receipts: true }));
      while ((await many(16, (n) => attempts(deliveries[n]?.id ?? ''))).some(({ length }) => length === 0));
      slow.release();
      await Promise.all([...under, ...deliveries.map(({ id }) => vonageSays(id, 'delivered', { price: '0.10' }))]);
    });
    expect(total).toEqual({ messages: 16, cost: 1.6 });
  });

  test('on the day on which the message was counted', async () => {
    const id = await sent(sentFor('0.05'));
    await store.database.one(sentYesterday, { id });
    const before = await store.database.query(spendByDay, owner);
    await senderSays({ deliveryId: id, status: 'delivered', price: '0.08' });
    const after = await store.database.query(spendByDay, owner);
    expect(after.map(({ day }) => day)).toEqual(before.map(({ day }) => day));
    expect((after[0]?.cost ?? 0) - (before[0]?.cost ?? 0)).toBeCloseTo(0.03, 5);
    expect(after.slice(1)).toEqual(before.slice(1));
  });
});

describe('a receipt that names no more than the reference of the sender', () => {
  test('is of the delivery that has it', async () => {
    const id = await sent(sentFor(null, 'modem.7-1'));
    expect((await senderSays({ reference: 'modem.7-1', status: 'delivered', price: '0.03' })).status).toBe(200);
    expect(await row(id)).toMatchObject({ status: 'delivered' });
    expect(await attempts(id)).toMatchObject([{ receipt: 'delivered', price: '0.03' }]);
  });

  test('is of none where two have it, where nobody has, and where it is of another route', async () => {
    const [one, other] = [await sent(sentFor(null, 'again')), await sent(sentFor(null, 'again'))];
    const byVonage = await sent(sms);
    const [{ reference } = { reference: null }] = await attempts(byVonage);
    for (const each of ['again', 'nobody-s', reference]) {
      expect((await senderSays({ reference: each, status: 'failed' })).status).toBe(200);
    }
    for (const id of [one, other, byVonage]) expect(await row(id)).toMatchObject({ status: 'sent' });
  });

  test('is refused where it names neither', async () => {
    expect(await senderSays({ status: 'delivered' })).toMatchObject({ status: 400, code: 'invalid_request' });
  });
});
