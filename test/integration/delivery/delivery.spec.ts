import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type DeliveryChannel } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { assertMigrated, Database, Sealer, sql, statement } from '#persistence';
import { openLine } from '../../support/line.js';
import {
  address,
  attempts,
  code,
  endLease,
  eraseUser,
  hanging,
  logged,
  logger,
  makeDead,
  newDelivery,
  number,
  outcomes,
  owner,
  requestId,
  row,
  sealer,
  send,
  sms,
  smsOf,
  store,
  told,
  untilDue,
  vonage,
} from '../../support/sent-deliveries.js';

describe('one delivery', () => {
  test('is sent once, told once, and leaves no secret', async () => {
    const { id, deviceId, challengeId } = await newDelivery();
    expect(await send(id)).toBeUndefined();
    expect(await send(id)).toBeUndefined();

    const [message, ...more] = smsOf(id);
    expect(more).toEqual([]);
    expect(message).toMatchObject({ from: 'Acme', to: '31612345678', statusReport: true, accepted: true });
    expect(message?.text).toBe(
      `${code} is your Acme code. It works once and is valid for 5 min. Never share it with anyone.\n@panel.example.com #${code}`,
    );
    expect(message?.ttl).toBeGreaterThan(20_000);
    expect(message?.ttl).toBeLessThanOrEqual(300_000);

    expect(await row(id)).toMatchObject({
      status: 'sent',
      provider: 'vonage',
      payload: null,
      lease: null,
      sent: true,
      jobs: 0,
    });
    expect(await attempts(id)).toMatchObject([
      { number: 1, provider: 'vonage', outcome: 'sent', price: '0.03330000', ended: true },
    ]);
    const { reference } = await row(id);
    expect(reference).toMatch(/^0A0/);
    expect((await attempts(id))[0]?.reference).toBe(reference);

    expect(await told(id)).toEqual([
      {
        type: 'code.sent',
        data: { deliveryId: id, deviceId, challengeId, method: 'sms', provider: 'vonage', attempts: 1 },
        account: 'account-7',
        user: 'user-9',
        userRef: owner.userId,
        requestId,
      },
    ]);
  });

  test('is sent once by 20 that try at the same time', async () => {
    const { id } = await newDelivery();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(id)));
    expect(smsOf(id)).toHaveLength(1);
    expect(await outcomes(id)).toEqual(['sent']);
    expect(await told(id)).toHaveLength(1);
    // Those that came while it was on its way come again, later.
    for (const again of answers) if (again) expect(again.retryAt.getTime()).toBeGreaterThan(Date.now());
  });

  test('is left alone by all others while one is sending it', async () => {
    const { id } = await newDelivery();
    const slow = hanging(sms);
    const first = send(id, slow.channel);
    await slow.sent;
    const others = await Promise.all(Array.from({ length: 19 }, () => send(id)));
    expect(others).toEqual(others.map(() => ({ retryAt: expect.any(Date) })));
    slow.release();
    expect(await first).toBeUndefined();
    expect(smsOf(id)).toHaveLength(1);
    expect(await outcomes(id)).toEqual(['sent']);
  });

  test('whose process died after sending goes out again, with the same code and reference, and is counted', async () => {
    const { id } = await newDelivery();
    const dead = hanging(sms);
    const first = send(id, dead.channel);
    await dead.sent;
    expect(await row(id)).toMatchObject({ status: 'sending', fence: 1, jobs: 1 });
    // The lease is 30 s; whoever finds it taken comes back after a while, not at once.
    const again = await send(id);
    expect((again as { retryAt: Date }).retryAt.getTime()).toBeGreaterThan(Date.now() + 5000);
    expect(smsOf(id)).toHaveLength(1);

    await store.database.query(endLease, { id });
    expect(await send(id)).toBeUndefined();
    const [one, two, ...more] = smsOf(id);
    expect(more).toEqual([]);
    expect(two?.text).toBe(one?.text);
    expect(two?.clientRef).toBe(one?.clientRef);
    expect(await outcomes(id)).toEqual(['unknown', 'sent']);

    // It was not dead after all: its outcome is counted, and changes nothing else.
    const settled = await row(id);
    const events = await told(id);
    dead.release();
    expect(await first).toBeUndefined();
    expect(await row(id)).toEqual(settled);
    expect(await told(id)).toEqual(events);
    expect(await outcomes(id)).toEqual(['sent', 'sent']);
  });

  /** Two are sending it: one that lost its lease, and the next. */
  async function sendTwice(id: string) {
    const slow = hanging(sms);
    const first = send(id, slow.channel);
    await slow.sent;
    await store.database.query(endLease, { id });
    const next = hanging(sms);
    const second = send(id, next.channel);
    await next.sent;
    return { slow, first, next, second };
  }

  test('is sent when one that lost its lease was told so, while the next is still sending', async () => {
    const { id } = await newDelivery();
    const { slow, first, next, second } = await sendTwice(id);

    slow.release();
    expect(await first).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 2, jobs: 0, payload: null });

    next.release();
    expect(await second).toBeUndefined();
    expect(await outcomes(id)).toEqual(['sent', 'sent']);
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 1 } }]);
  });

  test('is not ended by one that lost its lease and was refused, while the next is still sending', async () => {
    const { id } = await newDelivery();
    vonage.next({ status: '7' });
    const { slow, first, next, second } = await sendTwice(id);

    slow.release();
    expect(await first).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'sending', fence: 2, jobs: 1 });
    expect(await told(id)).toEqual([]);

    next.release();
    await second;
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 2, jobs: 0, payload: null });
    expect(await outcomes(id)).toEqual(['permanent', 'sent']);
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 2 } }]);
  });

  test('is sent once though the database is away when the outcome is to be written', async () => {
    const { id } = await newDelivery();
    const line = await openLine(store.url);
    const database = Database.open({ url: line.url, poolSize: 2, onError: () => undefined });
    await assertMigrated(database);
    const shutting: DeliveryChannel = {
      name: 'vonage',
      send: async (message, signal) => {
        const result = await sms.send(message, signal);
        line.cut();
        setTimeout(line.mend, 300);
        return result;
      },
    };
    expect(
      await new Deliverer({ database, sealer, routes: new RouteTable([shutting]), logger }).deliver(id),
    ).toBeUndefined();
    expect(smsOf(id)).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, payload: null, jobs: 0 });
    await database.close();
    await line.close();
  });

  test('comes back after a passing fault, and is sent then', async () => {
    const { id } = await newDelivery();
    vonage.next({ status: '1' });
    const again = await send(id);
    expect(again).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'queued', error: 'vonage-1', lease: null, sent: false, jobs: 1 });
    expect((await row(id)).payload).not.toBeNull();
    expect(await told(id)).toEqual([]);
    // Before its time it only says when.
    expect(await send(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(smsOf(id)).toHaveLength(1);

    await untilDue(again);
    expect(await send(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'sent', error: null, payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual(['transient', 'sent']);
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { attempts: 2 } }]);
  });

  test('is not sent after its code is dead', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: -1 });
    expect(await send(id)).toBeUndefined();
    expect(await send(id)).toBeUndefined();
    expect(smsOf(id)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'expired', payload: null, ended: true, jobs: 0 });
    expect(await attempts(id)).toEqual([]);
    expect(await told(id)).toMatchObject([{ type: 'code.expired', data: { attempts: 0, method: 'sms' } }]);
  });

  test('that is on its way when its code dies is left to whoever holds it', async () => {
    const { id } = await newDelivery();
    const holder = hanging(sms);
    const first = send(id, holder.channel);
    await holder.sent;
    await store.database.query(makeDead, { id });
    expect(await send(id)).toMatchObject({ retryAt: expect.any(Date) });
    holder.release();
    await first;
    expect(await row(id)).toMatchObject({ status: 'sent' });
    expect((await told(id)).map(({ type }) => type)).toEqual(['code.sent']);
  });

  test('does not wait for a provider beyond the life of the code', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: 0.5 });
    vonage.next({ delayMs: 3000 });
    const again = await send(id);
    expect(again).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'sending', error: 'timeout' });
    await untilDue(again);
    expect(await send(id)).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'expired', payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual(['unknown']);
  });

  test('that does not open or parse is not sent', async () => {
    const broken = await newDelivery('sms', { payload: '{"kind":"code"}' });
    expect(await send(broken.id)).toBeUndefined();
    expect(await row(broken.id)).toMatchObject({ status: 'failed', error: 'payload-invalid', payload: null, jobs: 0 });

    const { id } = await newDelivery();
    const stranger = new Sealer({ active: 'k1', keys: new Map([['k1', randomBytes(32)]]) });
    const parts = { database: store.database, sealer: stranger, routes: new RouteTable([sms]), logger };
    expect(await new Deliverer(parts).deliver(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'queued', error: 'payload-does-not-open' });
    expect(smsOf(id)).toEqual([]);
  });

  test('of an erased user takes its job along', async () => {
    const { id } = await newDelivery();
    await store.database.query(eraseUser, { id: owner.userId });
    expect(await send(id)).toBeUndefined();
    expect(smsOf(id)).toEqual([]);
    const left = await store.database.query(
      statement<object, { id: string }>(
        'test-jobs-left',
        ($) => sql`select from outbox where payload ->> 'deliveryId' = ${$.id}`,
      ),
      { id },
    );
    expect(left).toEqual([]);
  });
});

test('T22 no code, number or address reached the log', () => {
  const log = logged.join('');
  expect(log).toContain('delivery attempted');
  for (const secret of [code, number, number.slice(1), address]) expect(log).not.toContain(secret);
});
