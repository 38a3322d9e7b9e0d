import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from '@jest/globals';
import { silence, status, type Received } from '../../support/webhook-receiver.js';
import {
  age,
  attempt,
  comeDue,
  deliverBy,
  deliveriesTo,
  deliveryTo,
  endpoint,
  newSecret,
  occur,
  receiver,
  sealSecret,
  sender,
} from '../../support/webhook-sending.js';
import { sql, until } from '../../support/worker-roles.js';

/** What becomes of deliveries, by what their receiver does (T28). */

const outbox = () =>
  sql<{ id: string }>(`select payload ->> 'deliveryId' as id from outbox where job = 'deliver-webhook'`);
const webhookRow = async (id: string) =>
  (
    await sql<{ status: string; disabled_reason: string | null; failing_since: Date | null }>(
      'select * from webhook where id = $1',
      [id],
    )
  )[0];
const disabledEvents = () =>
  sql<{ data: unknown; tenant_id: string }>(`select * from event where type = 'webhook.disabled'`);

describe('a receiver that takes it', () => {
  test('gets the event as the log serves it, signed as Standard Webhooks wants it', async () => {
    const { url, received } = await receiver();
    const { id, secret } = await endpoint(`${url}?token=abc`);
    const [eventId = ''] = await occur();
    await attempt(id);
    const [message] = received as [Received];
    expect(message.path).toBe('/hook?token=abc');
    expect(message.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'user-agent': 'Sallyport-Webhooks',
      'webhook-id': eventId,
    });
    const event = new Webhook(secret).verify(message.body, message.headers);
    expect(event).toMatchObject({
      specversion: '1.0',
      id: eventId,
      type: 'com.sallyport.login.allowed',
      source: '/tenants/tnt_1',
      subject: 'customer/person',
      data: { reason: 'trusted_browser' },
      sequence: 1,
      sealed: expect.stringContaining(eventId),
    });
    expect(await deliveryTo(id)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      last_http_status: 204,
      last_error: null,
      ended_at: expect.any(Date),
    });
    expect(await sql('select * from webhook_attempt')).toEqual([
      expect.objectContaining({ number: 1, http_status: 204, error: null, ended_at: expect.any(Date) }),
    ]);
    expect(await outbox()).toEqual([]);
    expect(await webhookRow(id)).toMatchObject({ status: 'enabled', failing_since: null });
  });

  test('gets the same id and the same bytes at each attempt, with a time and a signature of their own', async () => {
    const { url, received, next } = await receiver();
    const { id, secret } = await endpoint(url);
    await occur();
    next(status(500), ({ socket }) => void socket?.destroy());
    const worker = sender();
    for (let count = 0; count < 3; count += 1) {
      await attempt(id, worker);
      // Its time is in whole seconds.
      await new Promise((done) => setTimeout(done, 1001));
    }
    expect(received.length).toBe(3);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
    for (const { body, headers } of received) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    expect(await deliveryTo(id)).toMatchObject({ status: 'delivered', attempts: 3 });
  });

  test('gets both signatures while its secret is being changed, and one afterwards', async () => {
    const { url, received } = await receiver();
    const { id, secret: old } = await endpoint(url);
    const fresh = newSecret();
    const rotated = `update webhook set previous_secret_sealed = secret_sealed, secret_sealed = $2,
      previous_secret_until = now() + interval '1 hour' where id = $1`;
    await sql(rotated, [id, sealSecret(id, fresh)]);
    await occur();
    await attempt(id);
    await sql(`update webhook set previous_secret_until = now() - interval '1 second'`);
    await occur();
    await attempt(id);
    const [during, after] = received as [Received, Received];
    for (const secret of [old, fresh]) {
      expect(() => new Webhook(secret).verify(during.body, during.headers)).not.toThrow();
    }
    expect(during.headers['webhook-signature']?.split(' ').length).toBe(2);
    expect(() => new Webhook(fresh).verify(after.body, after.headers)).not.toThrow();
    expect(() => new Webhook(old).verify(after.body, after.headers)).toThrow();
  });

  test('gets its own, signed with its own secret, of many that come together', async () => {
    const targets = await Promise.all(
      ['tnt_1', 'tnt_1', 'tnt_2', 'tnt_2'].map(async (tenant) => {
        const { url, received } = await receiver();
        return { tenant, received, ...(await endpoint(url, tenant)) };
      }),
    );
    const ids = { tnt_1: await occur(10), tnt_2: await occur(10, 'tnt_2') };
    const worker = await sender();
    // Some find no room at first.
    await until('all are told', async () => {
      const all = (await Promise.all(targets.map(({ id }) => deliveriesTo(id)))).flat();
      const open = all.filter(({ status: now }) => now === 'queued');
      await Promise.all(open.flatMap(({ id }) => [worker.deliver(id), worker.deliver(id)]));
      await worker.idle();
      return open.length === 0;
    });
    for (const { id, secret, received, tenant } of targets) {
      for (const { body, headers } of received) expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
      const told = received.map(({ headers }) => headers['webhook-id']);
      expect(told.toSorted()).toEqual(ids[tenant as 'tnt_1' | 'tnt_2'].toSorted());
      const ended = (await deliveriesTo(id)).map(({ status: now, attempts }) => `${now} ${attempts}`);
      expect(ended).toEqual(Array<string>(10).fill('delivered 1'));
    }
    expect(await outbox()).toEqual([]);
  });

  test('is told nothing that is personal', async () => {
    const { url, received } = await receiver();
    const { id } = await endpoint(url);
    await sql(
      `insert into event (id, tenant_id, type, account_id, user_id, user_ref, data, personal_sealed)
       values ('evt_p', 'tnt_1', 'login.denied', 'customer 1', 'person 1', 'usr_1', '{}', '\\x00')`,
    );
    await occur();
    await attempt(id);
    const bodies = received.map(({ body }) => JSON.parse(body) as { id: string; data: object });
    expect(bodies.find((event) => event.id === 'evt_p')?.data).toEqual({ accountId: 'customer 1', userId: 'person 1' });
  });
});

describe('a receiver that does not', () => {
  test('is tried again on the published schedule, until five days are over', async () => {
    const { url, answer } = await receiver();
    answer(status(500));
    const { id } = await endpoint(url);
    await occur();
    const worker = sender();
    const pauses: number[] = [];
    for (let open = true; open;) {
      await attempt(id, worker);
      const { wait, status: now } = await deliveryTo(id);
      open = now === 'queued';
      if (!open) break;
      pauses.push(wait);
      await age(`${wait} seconds`);
    }
    const published = [5, 60, 300, 1800, 7200, 18_000, 36_000];
    for (const [index, pause] of published.entries()) {
      expect(pauses[index]).toBeGreaterThan(pause - 1);
      expect(pauses[index]).toBeLessThan(pause * 1.1 + 1);
    }
    expect(pauses.reduce((sum, pause) => sum + pause)).toBeCloseTo(5 * 86_400, -2);
    expect(await deliveryTo(id)).toMatchObject({ status: 'failed', last_http_status: 500, last_error: 'http-500' });
    // Nothing has got through for five days.
    expect(await webhookRow(id)).toMatchObject({ status: 'disabled', disabled_reason: 'failing' });
    expect(await disabledEvents()).toEqual([
      expect.objectContaining({
        tenant_id: 'tnt_1',
        data: { webhookId: id, host: new URL(url).host, reason: 'failing' },
      }),
    ]);
    expect(await outbox()).toEqual([]);
  });

  test('waits outside of the queue for what is hours away, and in it for what is seconds away', async () => {
    const { url, answer } = await receiver();
    answer(status(500));
    const { id } = await endpoint(url);
    await occur();
    const worker = await sender();
    const { id: deliveryId } = await deliveryTo(id);
    expect(await deliverBy(worker, deliveryId)).toBeUndefined();
    // A job of its own, which waits.
    expect(await outbox()).toEqual([{ id: deliveryId }]);
    const again = await deliverBy(worker, deliveryId);
    expect(again?.retryAt.getTime()).toBeGreaterThan(Date.now() + 4000);
    expect(await deliveryTo(id)).toMatchObject({ status: 'queued', attempts: 1 });
    await comeDue();
    // A minute and up to a tenth.
    expect(await deliverBy(worker, deliveryId)).toBeUndefined();
    expect(await outbox()).toEqual([]);
    expect(await deliveryTo(id)).toMatchObject({ status: 'queued', attempts: 2 });
  });

  test('is not failing any more once it takes one', async () => {
    const { url, next } = await receiver();
    const { id } = await endpoint(url);
    await occur();
    next(status(503));
    await attempt(id);
    expect((await webhookRow(id))?.failing_since).toBeInstanceOf(Date);
    await attempt(id);
    expect(await webhookRow(id)).toMatchObject({ status: 'enabled', failing_since: null });
  });

  test('may ask for time, of 429 and 503', async () => {
    const { url, received, next } = await receiver();
    const { id } = await endpoint(url);
    await occur(2);
    next(status(429, { 'retry-after': '120' }));
    const worker = await sender();
    const [first, second] = (await deliveriesTo(id)) as unknown as [{ id: string }, { id: string }];
    expect(await deliverBy(worker, first.id)).toBeUndefined();
    expect((await deliveriesTo(id))[0]?.wait).toBeGreaterThan(119);
    // The other one does not call before that either.
    expect(await worker.deliver(second.id)).toBeUndefined();
    expect((await deliveriesTo(id))[1]?.wait).toBeGreaterThan(119);
    expect(received.length).toBe(1);
  });

  test('that sends elsewhere is not followed', async () => {
    const [first, target] = [await receiver(), await receiver()];
    first.answer(status(301, { location: target.url }));
    const { id } = await endpoint(first.url);
    await occur();
    await attempt(id);
    expect(await deliveryTo(id)).toMatchObject({ status: 'queued', last_http_status: 301, last_error: 'redirect' });
    expect(target.received).toEqual([]);
  });

  test('that says it is gone is disabled, with all that waits for it', async () => {
    const [gone, other] = [await receiver(), await receiver()];
    gone.answer(status(410));
    const { id } = await endpoint(gone.url);
    const { id: otherId } = await endpoint(other.url);
    await occur(700);
    const [first] = await deliveriesTo(id);
    await deliverBy(await sender(), first?.id ?? '');
    expect(gone.received.length).toBe(1);
    expect(await webhookRow(id)).toMatchObject({ status: 'disabled', disabled_reason: 'gone' });
    const states = (await deliveriesTo(id)).map((each) => each.status);
    expect(states.toSorted()).toEqual([...Array<string>(699).fill('canceled'), 'failed']);
    expect(await disabledEvents()).toEqual([
      expect.objectContaining({ data: { webhookId: id, host: new URL(gone.url).host, reason: 'gone' } }),
    ]);
    expect((await deliveriesTo(otherId)).every((each) => each.status === 'queued')).toBe(true);
  });

  test.each([
    ['never answers', silence],
    [
      'answers byte by byte',
      ({ socket }: Parameters<typeof silence>[0]) => {
        socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
        const drip = setInterval(() => socket?.write('a'), 200);
        socket?.once('close', () => clearInterval(drip));
      },
    ],
  ])('that %s has failed in time', async (_, answer) => {
    const slow = await receiver();
    slow.answer(answer);
    const { id } = await endpoint(slow.url);
    await occur();
    const began = Date.now();
    await attempt(id);
    const failed = { status: 'queued', last_http_status: null, last_error: 'timeout', attempts: 1 };
    expect(await deliveryTo(id)).toMatchObject(failed);
    // No measurement: the lease would be over.
    expect(Date.now() - began).toBeLessThan(30_000);
  });
});
