import { describe, expect, test } from '@jest/globals';
import type { DeliveryChannel } from '#contracts';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { figure, growth } from '../../support/metrics.js';
import { byForm, byJson, byQuery, senderSays, twilioSays, vonageSays } from '../../support/receipt-gateway.js';
import {
  attempts,
  eraseUser,
  hanging,
  makeDead,
  makeDue,
  newDelivery,
  notice,
  number,
  owner,
  requestId,
  row,
  send,
  sms,
  store,
  told,
} from '../../support/sent-deliveries.js';
import { vonageReceipt } from '../../support/signed-receipts.js';

const taken = { status: 200, code: undefined };

/** Sent by Vonage's SDK to a server that speaks its protocol. */
async function sent(): Promise<{ id: string; reference: string }> {
  const { id } = await newDelivery();
  await send(id);
  const [attempt] = await attempts(id);
  return { id, reference: attempt?.reference ?? '' };
}

/** A route that answers as it is told to, under the name of a provider. */
const route = (name: string, outcome: 'sent' | 'unknown', reference: string | null = null): DeliveryChannel => ({
  name,
  receipts: true,
  send: async () => (outcome === 'sent' ? { outcome, reference, price: null } : { outcome, error: 'broken-off' }),
});

const types = async (id: string) => (await told(id)).map(({ type }) => type);

describe('a receipt of Vonage', () => {
  test.each([
    ['a form', byForm],
    ['a query', byQuery],
    ['JSON', byJson],
  ] as const)('as %s says that a code has arrived', async (_name, post) => {
    const { id, reference } = await sent();
    const fields = { 'client-ref': id, messageId: reference, price: '0.04' };
    const counted = (receipt: string, work: () => unknown) =>
      growth('sallyport_receipts_total', { provider: 'vonage', receipt }, work);
    expect(await counted('delivered', async () => expect(await post(vonageReceipt(fields))).toEqual(taken))).toBe(1);
    // A repeat says nothing new.
    expect(await counted('delivered', () => post(vonageReceipt(fields)))).toBe(0);
    expect(await figure('sallyport_receipt_seconds_count', { provider: 'vonage' })).toBeGreaterThan(0);
    expect(await row(id)).toMatchObject({
      status: 'delivered',
      provider: 'vonage',
      payload: null,
      jobs: 0,
      ended: true,
    });
    expect(await attempts(id)).toMatchObject([
      {
        outcome: 'sent',
        reference,
        price: '0.04',
        receipt: 'delivered',
        receiptError: null,
        receiptAt: expect.any(Date),
      },
    ]);
    expect(await told(id)).toMatchObject([
      { type: 'code.sent' },
      {
        type: 'code.delivered',
        data: { deliveryId: id, method: 'sms', provider: 'vonage', attempts: 1 },
        account: 'account-7',
        user: 'user-9',
        userRef: owner.userId,
        requestId,
      },
    ]);
    expect(JSON.stringify(await told(id))).not.toContain(number.slice(3));
  });

  test.each(['failed', 'rejected', 'expired'])('says that a code did not arrive: %s', async (status) => {
    const { id, reference } = await sent();
    expect(await vonageSays(id, status, { messageId: reference, 'err-code': '6' })).toEqual(taken);
    const error = `vonage-${status}-6`;
    expect(await row(id)).toMatchObject({ status: 'failed', error, payload: null, jobs: 0, ended: true });
    expect(await attempts(id)).toMatchObject([{ outcome: 'sent', receipt: 'failed', receiptError: error }]);
    expect(await told(id)).toMatchObject([
      { type: 'code.sent' },
      { type: 'code.failed', data: { error, attempts: 1 } },
    ]);
  });

  test.each(['accepted', 'buffered', 'unknown', 'a-status-of-the-future', '__proto__', 'constructor', ''])(
    'that is on its way changes nothing: %j',
    async (status) => {
      const { id } = await sent();
      const before = await row(id);
      expect(await vonageSays(id, status)).toEqual(taken);
      expect(await row(id)).toEqual(before);
      expect(await attempts(id)).toMatchObject([{ receipt: null }]);
    },
  );

  test('that is repeated says nothing new, and one that comes too late does not undo another', async () => {
    const { id, reference } = await sent();
    const says = (status: string) => vonageSays(id, status, { messageId: reference });
    for (const status of ['delivered', 'delivered', 'accepted', 'failed', 'expired']) await says(status);
    expect(await row(id)).toMatchObject({ status: 'delivered', error: null });
    expect(await attempts(id)).toMatchObject([{ receipt: 'delivered', receiptError: null }]);
    expect(await types(id)).toEqual(['code.sent', 'code.delivered']);
  });

  test('that says delivered after failed is believed', async () => {
    const { id } = await sent();
    for (const status of ['failed', 'failed', 'delivered']) await vonageSays(id, status);
    expect(await row(id)).toMatchObject({ status: 'delivered', error: null, sent: true });
    expect(await attempts(id)).toMatchObject([{ receipt: 'delivered', receiptError: null }]);
    expect(await types(id)).toEqual(['code.sent', 'code.failed', 'code.delivered']);
  });

  test('that comes after the delivery expired is believed', async () => {
    const { id } = await newDelivery();
    await send(id, route('vonage', 'unknown'));
    await store.database.query(makeDead, { id });
    await reconcile(store.database);
    expect((await row(id)).status).toBe('expired');
    await vonageSays(id, 'failed');
    expect((await row(id)).status).toBe('expired');
    await vonageSays(id, 'delivered');
    expect(await row(id)).toMatchObject({ status: 'delivered', sent: true });
    expect(await types(id)).toEqual(['code.expired', 'code.delivered']);
  });

  test('of an attempt that told no end ends the doubt', async () => {
    const { id } = await newDelivery();
    await send(id, route('vonage', 'unknown'));
    await vonageSays(id, 'delivered', { messageId: 'late-1' });
    expect(await row(id)).toMatchObject({ status: 'delivered', reference: 'late-1', payload: null, jobs: 0 });
    expect(await attempts(id)).toMatchObject([{ outcome: 'unknown', reference: 'late-1', receipt: 'delivered' }]);
    expect(await send(id)).toBeUndefined();
    expect(await attempts(id)).toHaveLength(1);
  });

  test('faster than the answer is not undone by it', async () => {
    for (const status of ['delivered', 'failed'] as const) {
      const { id } = await newDelivery();
      const slow = hanging(sms);
      const under = send(id, { ...slow.channel, receipts: true });
      await slow.sent;
      await vonageSays(id, status);
      expect((await row(id)).status).toBe(status === 'delivered' ? 'delivered' : 'sending');
      slow.release();
      expect(await under).toBeUndefined();
      expect(await row(id)).toMatchObject({ status, payload: null, jobs: 0, ended: true });
      expect(await attempts(id)).toMatchObject([{ outcome: 'sent', receipt: status, price: '0.03330000' }]);
      expect(await types(id)).toEqual([status === 'delivered' ? 'code.delivered' : 'code.failed']);
    }
  });
});

describe('a receipt finds its attempt', () => {
  test('by the reference, among several', async () => {
    const { id } = await newDelivery();
    await send(id, route('vonage', 'unknown'));
    await store.database.query(makeDue, { id });
    await send(id, route('vonage', 'sent', 'second'));
    await vonageSays(id, 'failed', { messageId: 'second' });
    expect(await attempts(id)).toMatchObject([{ receipt: null }, { receipt: 'failed' }]);
    // The first may have arrived: it waits for its end.
    expect(await row(id)).toMatchObject({ status: 'sending', payload: null, jobs: 0 });
    await vonageSays(id, 'failed', { messageId: 'first' });
    expect(await attempts(id)).toMatchObject([{ receipt: 'failed', reference: 'first' }, { receipt: 'failed' }]);
    expect(await row(id)).toMatchObject({ status: 'failed', ended: true });
    expect(await types(id)).toEqual(['code.sent', 'code.failed']);
  });

  test('and where it could be of any of them, fails none', async () => {
    const { id } = await newDelivery();
    await send(id, route('vonage', 'unknown'));
    await store.database.query(makeDue, { id });
    await send(id, route('vonage', 'unknown'));
    await vonageSays(id, 'failed', { messageId: 'one-of-them' });
    expect(await attempts(id)).toMatchObject([{ receipt: null }, { receipt: null }]);
    await vonageSays(id, 'delivered', { messageId: 'one-of-them' });
    expect((await row(id)).status).toBe('delivered');
  });

  test('and not one of another provider, or of another delivery', async () => {
    const [mine, other] = [await sent(), await sent()];
    expect(await senderSays({ deliveryId: mine.id, status: 'failed' })).toEqual(taken);
    expect(await vonageSays(mine.id, 'failed', { messageId: other.reference })).toEqual(taken);
    for (const { id } of [mine, other]) expect((await row(id)).status).toBe('sent');
  });

  test.each(['dlv_unknown', 'dlv_', '', "dlv_' or 1=1", `dlv_${'x'.repeat(500)}`, 'dev_1'])(
    'or is taken without one, so that nobody repeats it: %j',
    async (id) => expect(await vonageSays(id, 'delivered')).toEqual(taken),
  );

  test('or its user was erased', async () => {
    const { id } = await sent();
    await store.database.query(eraseUser, { id: owner.userId });
    expect(await vonageSays(id, 'delivered')).toEqual(taken);
    expect(await told(id)).toMatchObject([{ type: 'code.sent' }]);
  });
});

test('a receipt of a notice tells of its failure only', async () => {
  const payload = JSON.parse(JSON.stringify({ ...notice, to: number, notice: 'reset' })) as typeof notice;
  const { id } = await newDelivery('sms', { payload });
  await send(id);
  await vonageSays(id, 'failed');
  expect(await told(id)).toMatchObject([{ type: 'notice.failed', data: { error: 'vonage-failed-0' } }]);
  await vonageSays(id, 'delivered');
  expect((await row(id)).status).toBe('delivered');
  expect(await types(id)).toEqual(['notice.failed']);
});

describe('a receipt of a sender of one’s own', () => {
  async function sentByHttp() {
    const { id } = await newDelivery();
    await send(id, route('http', 'sent', 'ref.1'));
    return id;
  }

  test('says that it arrived, when, and what it cost', async () => {
    const id = await sentByHttp();
    const at = new Date().toISOString();
    expect(
      await senderSays({ deliveryId: id, reference: 'ref.1', status: 'delivered', price: '0.05 EUR', at }),
    ).toEqual(taken);
    expect(await attempts(id)).toMatchObject([{ receipt: 'delivered', price: '0.05 EUR', receiptAt: new Date(at) }]);
    expect((await row(id)).status).toBe('delivered');
  });

  test('is not believed about a time when it cannot have arrived', async () => {
    for (const at of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
      const id = await sentByHttp();
      await senderSays({ deliveryId: id, status: 'delivered', at });
      const [attempt] = await attempts(id);
      expect(Math.abs(Date.now() - (attempt?.receiptAt?.getTime() ?? 0))).toBeLessThan(60_000);
    }
  });

  test('says that it failed, and why', async () => {
    const [named, unnamed] = [await sentByHttp(), await sentByHttp()];
    await senderSays({ deliveryId: named, status: 'failed', error: 'handset-off' });
    await senderSays({ deliveryId: unnamed, status: 'failed' });
    expect(await row(named)).toMatchObject({ status: 'failed', error: 'handset-off' });
    expect(await row(unnamed)).toMatchObject({ status: 'failed', error: 'not-delivered' });
  });
});

describe('a receipt of Twilio', () => {
  test.each([
    ['delivered', 'delivered'],
    ['read', 'delivered'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
    ['sent', 'sent'],
    ['queued', 'sent'],
  ])('%s leaves the delivery %s', async (MessageStatus, status) => {
    const { id } = await newDelivery();
    await send(id, route('twilio', 'sent', 'SM1'));
    const form = {
      MessageSid: 'SM1',
      MessageStatus,
      To: number,
      ...(status === 'failed' ? { ErrorCode: '30003' } : {}),
    };
    expect(await twilioSays(id, form)).toEqual(taken);
    expect(await row(id)).toMatchObject({ status, error: status === 'failed' ? 'twilio-30003' : null });
  });
});
