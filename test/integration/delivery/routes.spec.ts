import { expect, test } from '@jest/globals';
import type { DeliveryChannel, SendResult } from '#contracts';
import { Deliverer, RouteTable, type RouteOrder } from '#delivery';
import { sql, statement, type Nothing } from '#persistence';
import { attempts, logger, makeDue, newDelivery, row, sealer, store, told } from '../../support/sent-deliveries.js';

const setCountry = statement<Nothing, { id: string; country: string }>(
  'test-set-country',
  ($) => sql`update delivery set country = ${$.country} where id = ${$.id}`,
);

interface TestRoute extends DeliveryChannel {
  readonly sent: { id: string; text: string }[];
}

/** A route that answers each message with the next of these, and with the last for ever. */
function route(name: string, ...answers: SendResult[]): TestRoute {
  const sent: TestRoute['sent'] = [];
  return {
    name,
    sent,
    send: async ({ deliveryId, text }) => {
      sent.push({ id: deliveryId, text });
      return answers[Math.min(sent.length, answers.length) - 1] as SendResult;
    },
  };
}

const taken: SendResult = { outcome: 'sent', reference: null, price: null };
const busy: SendResult = { outcome: 'transient', error: 'busy' };
const doubtful: SendResult = { outcome: 'unknown', error: 'broken-off' };

function open(routes: readonly DeliveryChannel[], order?: RouteOrder) {
  const table = new RouteTable(routes, order);
  const deliverer = new Deliverer({ database: store.database, sealer, routes: table, logger });
  return { table, deliver: (id: string) => deliverer.deliver(id) };
}

async function newIn(country: string) {
  const delivery = await newDelivery();
  await store.database.query(setCountry, { id: delivery.id, country });
  return delivery.id;
}

const providers = async (id: string) => (await attempts(id)).map(({ provider, outcome }) => [provider, outcome]);

test('what a route refuses for now, or leaves open, goes to the next at once, with the same code', async () => {
  for (const answer of [busy, doubtful]) {
    const [first, second] = [route('first', answer), route('second', taken)];
    const { deliver } = open([first, second]);
    const { id } = await newDelivery();
    const again = (await deliver(id)) as { retryAt: Date };
    expect(again.retryAt.getTime()).toBeLessThan(Date.now() + 500);
    await store.database.query(makeDue, { id });
    expect(await deliver(id)).toBeUndefined();
    expect(await providers(id)).toEqual([
      ['first', answer.outcome],
      ['second', 'sent'],
    ]);
    expect(second.sent).toEqual(first.sent);
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'second' });
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { provider: 'second', attempts: 2 } }]);
  }
});

test('each route is tried before any is tried again, and then the pauses are those of one route', async () => {
  const { deliver } = open([route('first', busy), route('second', busy), route('third', busy)]);
  const { id } = await newDelivery();
  const waits: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await store.database.query(makeDue, { id });
    const again = (await deliver(id)) as { retryAt: Date };
    waits.push(again.retryAt.getTime() - Date.now());
  }
  expect((await providers(id)).map(([provider]) => provider)).toEqual(['first', 'second', 'third', 'first', 'second']);
  expect(waits.slice(0, 2).every((ms) => ms < 500)).toBe(true);
  expect(waits.slice(2).every((ms) => ms > 1000)).toBe(true);
});

test('a refusal of our account goes on to the next route; one of the message ends the delivery', async () => {
  const ofRoute: SendResult = { outcome: 'permanent', error: 'credentials', ofRoute: true };
  const second = route('second', taken);
  const { deliver } = open([route('first', ofRoute, { outcome: 'permanent', error: 'no-such-number' }), second]);
  const { id } = await newDelivery();
  await deliver(id);
  await store.database.query(makeDue, { id });
  await deliver(id);
  expect(await row(id)).toMatchObject({ status: 'sent', provider: 'second' });

  const ended = await newDelivery();
  await deliver(ended.id);
  expect(await row(ended.id)).toMatchObject({ status: 'failed', error: 'no-such-number', fence: 1 });
  expect(second.sent).toHaveLength(1);

  // No other route is left: it has failed.
  const alone = await newDelivery();
  await open([route('only', ofRoute)]).deliver(alone.id);
  expect(await row(alone.id)).toMatchObject({ status: 'failed', error: 'credentials' });
});

test('each country has its own order, and it may be replaced while deliveries go on', async () => {
  const routes = ['first', 'second', 'third'].map((name) => route(name, taken));
  const { table, deliver } = open(routes, { NL: ['third', 'first'], '*': ['first', 'second'] });
  const went = async (country: string) => {
    const id = await newIn(country);
    await deliver(id);
    return (await row(id)).provider;
  };
  expect([await went('NL'), await went('BE')]).toEqual(['third', 'first']);
  table.setOrder('BE', ['second']);
  table.setOrder('NL', ['first', 'third']);
  expect([await went('NL'), await went('BE'), await went('DE')]).toEqual(['first', 'second', 'first']);
});

test.each([
  ['an unknown route', { '*': ['first', 'other'] }],
  ['a route twice', { '*': ['first', 'first'] }],
  ['no route', { '*': ['first'], NL: [] }],
  ['no order for all', { NL: ['first'] }],
])('an order with %s is refused', (_, order) => {
  expect(() => new RouteTable([route('first', taken)], order as unknown as RouteOrder)).toThrow(RangeError);
});
