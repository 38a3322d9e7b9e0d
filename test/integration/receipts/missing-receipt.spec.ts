import { describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { vonageSays } from '../../support/receipt-gateway.js';
import {
  attempts,
  code,
  logged,
  makeDead,
  makeDue,
  newDelivery,
  owner,
  row,
  sms,
  smsOf,
  store,
  told,
} from '../../support/sent-deliveries.js';
import {
  waitMs,
  type TestRoute,
  other,
  open,
  passWait,
  setSource,
  setChallenge,
  useCode,
  missing,
  agoPublished,
  endLeaseOf,
} from '../../support/waiting-receipts.js';

describe('a code whose receipt does not come', () => {
  test('keeps its secrets and its job while it is waited for, and goes out by the next route with the same code', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    const asked = Date.now();
    const again = (await deliver(id)) as { retryAt: Date };
    expect(again.retryAt.getTime()).toBeGreaterThan(asked + waitMs - 5000);
    expect(again.retryAt.getTime()).toBeLessThan(Date.now() + waitMs + 5000);
    expect(await row(id)).toMatchObject({
      status: 'sent',
      awaits: true,
      payload: expect.any(Buffer),
      lease: null,
      jobs: 1,
    });
    // Before its time, nothing happens, and the reconciler leaves it alone.
    expect(await deliver(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(await reconcile(store.database)).toMatchObject({ lost: 0, deliveries: 0 });
    expect(second.texts).toEqual([]);

    await passWait(id);
    expect(await deliver(id)).toBeUndefined();
    expect(second.texts).toEqual([smsOf(id)[0]?.text]);
    expect(second.texts[0]).toContain(code);
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'http', awaits: false, payload: null, jobs: 0 });
    expect(await attempts(id)).toMatchObject([
      { provider: 'vonage', outcome: 'sent' },
      { provider: 'http', outcome: 'sent' },
    ]);
    expect(await missing()).toBe(1);
    expect(logged.some((line) => line.includes(id) && line.includes('no receipt came in time'))).toBe(true);
  });

  test('is sent by no more than two routes, each of which may be paid for', async () => {
    const routes = [sms, { ...other('http'), receipts: true }, { ...other('twilio'), receipts: true }];
    const deliver = open(routes);
    const { id } = await newDelivery();
    for (let round = 0; round < 4; round += 1) {
      await deliver(id);
      await passWait(id);
    }
    expect((await attempts(id)).map(({ provider }) => provider)).toEqual(['vonage', 'http']);
    expect(await row(id)).toMatchObject({ status: 'sent', awaits: false, payload: null, jobs: 0 });
  });

  test('is delivered by the receipt of the first, while the second has it', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    await deliver(id);
    await passWait(id);
    await deliver(id);
    await vonageSays(id, 'delivered');
    expect(await row(id)).toMatchObject({ status: 'delivered', provider: 'vonage' });
    expect(await missing()).toBe(0);
  });

  test('stays sent where the next route refuses it', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    await deliver(id);
    await passWait(id);
    second.answer = { outcome: 'permanent', error: 'refused' };
    expect(await deliver(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'vonage', error: null, payload: null, jobs: 0 });
    expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
  });

  test('was sent, and is not called expired, where the next route cannot take it in time', async () => {
    for (const end of ['worker', 'relay']) {
      const second = other();
      const deliver = open([sms, second]);
      const { id } = await newDelivery();
      await deliver(id);
      await passWait(id);
      second.answer = { outcome: 'transient', error: 'busy' };
      await deliver(id);
      expect((await row(id)).status).toBe('queued');
      await store.database.query(makeDead, { id });
      if (end === 'worker') {
        await store.database.query(makeDue, { id });
        expect(await deliver(id)).toBeUndefined();
      } else await reconcile(store.database);
      expect(await row(id)).toMatchObject({ status: 'sent', payload: null, jobs: 0 });
      expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
    }
  });

  test('is found again where its job was lost, and where its process died in the next attempt', async () => {
    const second = other();
    const { id } = await newDelivery();
    await open([sms, second])(id);
    await passWait(id);
    await store.database.query(agoPublished, { id });
    expect((await reconcile(store.database)).lost).toBe(1);
    const dying = open([sms, { name: 'http', send: () => new Promise<never>(() => undefined) }]);
    void dying(id).catch(() => undefined);
    while ((await attempts(id)).length < 2) await delay(10);
    await store.database.query(endLeaseOf, { id });
    expect(await open([sms, second])(id)).toBeUndefined();
    expect((await attempts(id)).map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['vonage', 'sent'],
      ['http', 'unknown'],
      ['vonage', 'sent'],
    ]);
    expect(new Set(smsOf(id).map(({ text }) => text)).size).toBe(1);
    expect(await row(id)).toMatchObject({ status: 'sent', awaits: false, payload: null, jobs: 0 });
  });
});

describe('nothing is sent again, and the secrets go', () => {
  /** After the wait, by the worker. */
  async function over(id: string, deliver: (id: string) => Promise<unknown>, second: TestRoute) {
    await passWait(id);
    expect(await deliver(id)).toBeUndefined();
    expect(second.texts).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'sent', awaits: false, payload: null, jobs: 0 });
  }

  test.each(['approved', 'canceled', 'expired'])('where its challenge is %s', async (status) => {
    const second = other();
    const deliver = open([sms, second]);
    const { id, challengeId } = await newDelivery();
    await deliver(id);
    await store.database.query(setChallenge, { id: challengeId, ...owner, status });
    await over(id, deliver, second);
  });

  test('where its code was used', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id, challengeId, deviceId } = await newDelivery();
    await deliver(id);
    await store.database.query(useCode, { subjectId: challengeId, deviceId });
    await over(id, deliver, second);
  });

  test('where the receipt came', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    await deliver(id);
    await vonageSays(id, 'delivered');
    expect(await row(id)).toMatchObject({ status: 'delivered', payload: null, awaits: false, jobs: 0 });
    await passWait(id);
    expect(await deliver(id)).toBeUndefined();
    expect(second.texts).toEqual([]);
  });

  test('where its life ends first, whether a worker is there or not', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    await deliver(id);
    await store.database.query(makeDead, { id });
    await reconcile(store.database);
    expect(await row(id)).toMatchObject({ status: 'sent', payload: null, awaits: false, jobs: 0 });
    await passWait(id);
    expect(await deliver(id)).toBeUndefined();
    expect(second.texts).toEqual([]);
  });

  test('where the route was left out of use meanwhile', async () => {
    const second = other();
    const { id } = await newDelivery();
    await open([sms, second])(id);
    await over(id, open([sms]), second);
  });

  test('where ten in a row were missed: the provider tells none any more', async () => {
    const second = other();
    const deliver = open([sms, second]);
    const { id } = await newDelivery();
    await deliver(id);
    await store.database.query(setSource, { missing: 10 });
    await over(id, deliver, second);
    // Until it tells one.
    const another = await newDelivery();
    expect(await deliver(another.id)).toBeUndefined();
    await vonageSays(another.id, 'delivered');
    expect(await missing()).toBe(0);
  });
});
