import { describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryChannel } from '#contracts';
import { vonageSays } from '../../support/receipt-gateway.js';
import {
  attempts,
  newDelivery,
  notice,
  number,
  owner,
  row,
  send,
  sms,
  smsOf,
  store,
  told,
} from '../../support/sent-deliveries.js';
import {
  pastMs,
  other,
  open,
  forgetSources,
  setChallenge,
  missing,
  unpublished,
} from '../../support/waiting-receipts.js';

describe('at once, as ever, nothing is kept', () => {
  test.each([
    ['there is no other route', () => open([sms])],
    ['the route tells no receipts', () => open([{ ...sms, receipts: false }, other()])],
    ['it is switched off', () => open([sms, other()], 0)],
    ['the code would not live as long', () => open([sms, other()], 400_000)],
  ])('where %s', async (_name, deliverer) => {
    const { id } = await newDelivery();
    expect(await deliverer()(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', awaits: false, payload: null, jobs: 0 });
  });

  test('where no receipt of this provider ever came', async () => {
    await store.database.query(forgetSources);
    const { id } = await newDelivery();
    expect(await open([sms, other()])(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', awaits: false, payload: null, jobs: 0 });
  });

  test('of a notice', async () => {
    const payload = JSON.parse(JSON.stringify({ ...notice, to: number, notice: 'reset' })) as typeof notice;
    const { id } = await newDelivery('sms', { payload, lifeSeconds: 86_400 });
    expect(await open([sms, other()])(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', awaits: false, payload: null, jobs: 0 });
  });
});

describe('a receipt that says failed while the code is kept', () => {
  test('sends it by the next route at once, with the same code', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    await deliver(id);
    await vonageSays(id, 'failed', { 'err-code': '1' });
    expect(await row(id)).toMatchObject({ status: 'queued', payload: expect.any(Buffer), awaits: false, jobs: 1 });
    expect(await store.database.query(unpublished, { id })).toHaveLength(1);
    expect(await deliver(id)).toBeUndefined();
    expect(second.texts).toEqual([smsOf(id)[0]?.text]);
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'http', payload: null, jobs: 0 });
    expect(await missing()).toBe(0);
    expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent', 'code.sent']);
    // The first one’s receipt again, and one that overtook it, change nothing.
    for (const status of ['failed', 'expired']) await vonageSays(id, status);
    expect((await row(id)).status).toBe('sent');
  });

  test('fails it where the challenge has ended', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id, challengeId } = await newDelivery();
    await deliver(id);
    await store.database.query(setChallenge, { id: challengeId, ...owner, status: 'approved' });
    await vonageSays(id, 'failed');
    expect(await row(id)).toMatchObject({ status: 'failed', payload: null, awaits: false, jobs: 0 });
    expect(await deliver(id)).toBeUndefined();
    expect(second.texts).toEqual([]);
  });

  test('before the answer is written down, sends it by the next route too', async () => {
    const second = other();
    let says: Promise<unknown> = Promise.resolve();
    const first: DeliveryChannel = {
      ...sms,
      send: async (message, signal) => {
        const result = await sms.send(message, signal);
        says = vonageSays(message.deliveryId, 'failed');
        await says;
        return result;
      },
    };
    const deliver = open([first, second]);
    const { id } = await newDelivery();
    expect(await deliver(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'queued', jobs: 1, sent: false });
    await delay(pastMs);
    expect(await deliver(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'http', payload: null, jobs: 0 });
    expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
  });
});

test('a delivery that is not kept is as before: one attempt, one event', async () => {
  const { id } = await newDelivery();
  expect(await send(id)).toBeUndefined();
  expect(await attempts(id)).toHaveLength(1);
  expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
});
