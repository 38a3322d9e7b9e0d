import { expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { Deliverer, RouteTable } from '#delivery';
import { figure, growth, seriesIn } from '../../support/metrics.js';
import {
  logger,
  mail,
  newDelivery,
  notice,
  row,
  sealer,
  send,
  sms,
  store,
  vonage,
} from '../../support/sent-deliveries.js';

/** What a worker counts of what it sends, with Vonage's own SDK and a mail server. */

const attempts = 'sallyport_delivery_attempts_total';
const ofSms = { channel: 'sms', route: 'vonage' };

test('attempts are counted by the country of the number', async () => {
  for (const country of ['NL', 'US', 'CA', null]) {
    const { id } = await newDelivery('sms', { country });
    const of = { ...ofSms, country: country ?? 'none', outcome: 'sent' };
    expect(await growth(attempts, of, () => send(id))).toBe(1);
  }
});

test('routes tell how they fare', async () => {
  const deliverer = new Deliverer({ database: store.database, sealer, routes: new RouteTable([sms]), logger });
  expect(await figure('sallyport_route_usable', { route: 'vonage' })).toBeGreaterThan(0);
  expect(await figure('sallyport_route_attempts_at_most', { route: 'vonage' })).toBeGreaterThan(0);
  await deliverer.end();
});

test('attempts are counted by their outcome, each once', async () => {
  const cases = [
    ['transient', { status: '1' }],
    ['permanent', { status: '15' }],
    ['unknown', { drop: true }],
  ] as const;
  for (const [outcome, answer] of cases) {
    const { id } = await newDelivery();
    vonage.next(answer);
    const all = () => growth(attempts, { ...ofSms, country: 'NL', outcome }, () => send(id));
    expect({ outcome, count: await growth(attempts, ofSms, async () => expect(await all()).toBe(1)) }).toEqual({
      outcome,
      count: 1,
    });
  }
});

test('an answer that comes when the worker waits no more counts as what it is, once', async () => {
  const { id } = await newDelivery();
  vonage.next({ delayMs: 600 });
  const deliverer = new Deliverer({
    database: store.database,
    sealer,
    routes: new RouteTable([sms]),
    logger,
    waitMs: 100,
  });
  const grown = await growth(attempts, ofSms, async () => {
    await deliverer.deliver(id);
    expect((await row(id)).status).toBe('sending');
    await deliverer.end();
  });
  expect(grown).toBe(1);
  expect((await row(id)).status).toBe('sent');
});

test('costs are summed up by country, times are put into buckets, and mail is of no country', async () => {
  const { id } = await newDelivery();
  const cost = await growth('sallyport_sms_cost_total', { route: 'vonage', country: 'NL' }, () => send(id));
  expect(cost).toBeCloseTo(0.0333, 6);
  const { id: noticeId } = await newDelivery('email', { payload: notice });
  const ofMail = { channel: 'email', route: 'smtp', country: 'none', outcome: 'sent' };
  expect(await growth(attempts, ofMail, () => send(noticeId, mail))).toBe(1);
  expect(await figure('sallyport_delivery_seconds_count', { channel: 'email', route: 'smtp', kind: 'notice' })).toBe(1);
  expect(await figure('sallyport_delivery_seconds_sum', ofSms)).toBeGreaterThan(0);
  expect(await figure('sallyport_provider_answer_seconds_count', ofSms)).toBeGreaterThan(0);
});

test('what is refused before it is sent is no attempt at a provider', async () => {
  const { id } = await newDelivery('sms', { payload: 'not a message' });
  expect(await growth(attempts, {}, () => send(id))).toBe(0);
  expect((await row(id)).status).toBe('failed');
});

test('no series has a number, an address or an id', async () => {
  const series = seriesIn(await register.metrics()).filter(({ name }) => name.startsWith('sallyport_'));
  expect(series.length).toBeGreaterThan(20);
  const values = series.flatMap(({ labels }) => Object.values(labels));
  expect(values.filter((value) => /\d{6}|@|^[a-z]{3}_[0-9a-z]{20}/.test(value))).toEqual([]);
});

test('claims that share a statement are counted as calls and as statements', async () => {
  const list = await Promise.all(Array.from({ length: 40 }, () => newDelivery()));
  const of = (name: string, work: () => unknown) => growth(name, { statement: 'delivery-claim' }, work);
  let statements = 0;
  const deliverer = new Deliverer({ database: store.database, sealer, routes: new RouteTable([sms]), logger });
  const calls = await of('sallyport_shared_calls_total', async () => {
    statements = await of('sallyport_shared_statements_total', () =>
      Promise.all(list.map(({ id }) => deliverer.deliver(id))),
    );
  });
  expect(calls).toBe(40);
  expect(statements).toBeGreaterThan(0);
  expect(statements).toBeLessThan(40);
});
