import { describe, expect, test } from '@jest/globals';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { newId, type DeliveryChannel } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { describeOnBackends } from '../../support/queue-backends.js';
import { startEmailWorker, startSmsWorker } from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';
import {
  address,
  attempts,
  code,
  logged,
  logger,
  mail,
  mailChannel,
  mailsOf,
  makeDead,
  makeDue,
  newDelivery,
  notice,
  number,
  outcomes,
  requestId,
  row,
  sealer,
  send,
  silent,
  sms,
  smsOf,
  smtp,
  store,
  told,
  until,
  untilDue,
  useUp,
  vonage,
} from '../../support/sent-deliveries.js';

describe('one delivery', () => {
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
});

describe('a provider that does not tell how it ended', () => {
  /** Waits no longer than this for an answer, so that a provider of a second is a slow one. */
  const hasty = (id: string, channel: DeliveryChannel = sms) =>
    new Deliverer({ database: store.database, sealer, routes: new RouteTable([channel]), logger, waitMs: 300 }).deliver(
      id,
    );

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
    const smsWorker = await startSmsWorker({ ...parts, routes: new RouteTable([sms]) });
    const emailWorker = await startEmailWorker({ ...parts, routes: new RouteTable([mailChannel()]) });
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
    const hastyWorker = await startSmsWorker({ ...parts, routes: new RouteTable([sms]), waitMs: 100 });
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

  test('send as many SMS at a time as SMS_CONCURRENCY says', async () => {
    const queueStore = await backend.open(store.url);
    const queues = await openQueues(queueStore.url, logger);
    const enough = Promise.withResolvers<void>();
    let underWay = 0;
    let most = 0;
    const channel: DeliveryChannel = {
      name: 'vonage',
      send: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        if (underWay === 3) enough.resolve();
        await enough.promise;
        underWay -= 1;
        return { outcome: 'sent', reference: null, price: null };
      },
    };
    process.env['SMS_CONCURRENCY'] = '3';
    const worker = await startSmsWorker({
      database: store.database,
      queues,
      sealer,
      logger,
      routes: new RouteTable([channel]),
    }).finally(() => delete process.env['SMS_CONCURRENCY']);
    const list = await Promise.all(Array.from({ length: 12 }, () => newDelivery()));
    await queues.publish(
      list.map(({ id }) => ({ job: 'deliver-sms', id: newId('event'), payload: { deliveryId: id, requestId } })),
    );
    for (const { id } of list) await until(async () => (await row(id)).status === 'sent');
    expect(most).toBe(3);
    await worker.stop();
    await queues.close();
    await queueStore.close();
  });
});

test('T22 no code, number or address reached the log', () => {
  const log = logged.join('');
  expect(log).toContain('delivery attempted');
  for (const secret of [code, number, number.slice(1), address]) expect(log).not.toContain(secret);
});
