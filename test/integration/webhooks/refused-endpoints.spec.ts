import { describe, expect, test } from '@jest/globals';
import { type Received } from '../../support/webhook-receiver.js';
import {
  attempt,
  deliveryTo,
  endpoint,
  newSecret,
  occur,
  receiver,
  sealSecret,
  sender,
} from '../../support/webhook-sending.js';
import { open, sql } from '../../support/worker-roles.js';

/** Endpoints that must not be called, and several workers at the same delivery (T28). */

/** Jobs of single deliveries. */
const outbox = () =>
  sql<{ id: string }>("select payload ->> 'deliveryId' as id from outbox where job = 'deliver-webhook'");

describe('an endpoint that must not be called', () => {
  test.each([
    'http://127.0.0.1:1/',
    'https://127.1/',
    'https://[::ffff:7f00:1]/',
    'https://localhost./',
    'http://0x7f.1/',
  ])('is not, as %s', async (url) => {
    const { id } = await endpoint(url);
    await occur();
    await attempt(id, sender({ allowPrivate: false }));
    expect(await deliveryTo(id)).toMatchObject({
      status: 'queued',
      last_error: 'private-address',
      last_http_status: null,
    });
  });

  test('is not, though its name had another address a moment ago', async () => {
    const { port, most } = await receiver();
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const resolve = async () => answers.shift() ?? ['127.0.0.1'];
    const { id } = await endpoint(`https://rebound.example:${port}/`);
    await occur();
    await attempt(id, sender({ allowPrivate: false, resolve }));
    expect(answers).toEqual([]);
    expect(most.connections).toBe(0);
    expect(await deliveryTo(id)).toMatchObject({ status: 'queued', last_error: 'private-address' });
  });

  test('is not, once it is disabled or deleted: what waits for it ends', async () => {
    const { url, received } = await receiver();
    const [disabled, deleted] = [await endpoint(url), await endpoint(url)];
    await occur();
    await sql(`update webhook set status = 'disabled' where id = $1`, [disabled.id]);
    await sql('delete from webhook where id = $1', [deleted.id]);
    const worker = await sender();
    for (const { id } of [disabled, deleted]) {
      expect(await worker.deliver((await deliveryTo(id)).id)).toBeUndefined();
      await worker.idle();
      expect(await deliveryTo(id)).toMatchObject({ status: 'canceled', attempts: 0, ended_at: expect.any(Date) });
    }
    expect(received).toEqual([]);
    expect(await outbox()).toEqual([]);
  });

  test('does not stop others where its secret does not open', async () => {
    const { url, received } = await receiver();
    const { id } = await endpoint(url);
    await sql('update webhook set secret_sealed = $1', [sealSecret('another', newSecret())]);
    await occur();
    await attempt(id);
    expect(await deliveryTo(id)).toMatchObject({ status: 'queued', last_error: 'not-composed' });
    expect(received).toEqual([]);
  });
});

describe('workers', () => {
  test('post once, however many take the same delivery at the same time', async () => {
    const { url, received } = await receiver();
    const { id } = await endpoint(url);
    await occur();
    const workers = await Promise.all(Array.from({ length: 4 }, () => sender()));
    const { id: deliveryId } = await deliveryTo(id);
    await Promise.all([...workers, ...workers].map((worker) => worker.deliver(deliveryId)));
    await Promise.all(workers.map((worker) => worker.idle()));
    expect(received.length).toBe(1);
    expect(await deliveryTo(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  test('post again, with the same id, what a worker has begun and not told', async () => {
    const { url, received } = await receiver();
    const { id } = await endpoint(url);
    await occur();
    const { id: deliveryId } = await deliveryTo(id);
    const dying = await open('sallyport_webhook_worker');
    const { Asking, deliverWebhook } = await import('../../../apps/webhook-worker/src/deliver-webhook.js');
    const { EndpointTurns } = await import('../../../apps/webhook-worker/src/endpoint-turns.js');
    const { Signers } = await import('../../../apps/webhook-worker/src/signers.js');
    const { webhookSealer } = await import('../../support/webhook-sending.js');
    const { logger } = await import('../../support/worker-roles.js');
    // It has posted, and dies before it writes that down.
    void deliverWebhook(
      {
        database: dying,
        logger,
        signers: new Signers(webhookSealer),
        allowPrivate: true,
        asking: new Asking(dying),
        turns: new EndpointTurns(),
        begin: (attempt) => void attempt(),
        send: async (message) => {
          await fetch(message.url, { method: 'POST', headers: message.headers, body: message.body });
          return new Promise(() => undefined);
        },
      },
      deliveryId,
    );
    while (received.length === 0) await new Promise((done) => setTimeout(done, 20));
    const worker = await sender();
    // Its lease stands: nobody else posts.
    const again = await worker.deliver(deliveryId);
    expect(again?.retryAt.getTime()).toBeGreaterThan(Date.now() + 20_000);
    expect(received.length).toBe(1);
    await sql(`update webhook_delivery set lease_until = clock_timestamp() - interval '1 second'`);
    await worker.deliver(deliveryId);
    await worker.idle();
    const [first, second] = received as [Received, Received];
    expect([second.headers['webhook-id'], second.body]).toEqual([first.headers['webhook-id'], first.body]);
    expect(await deliveryTo(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    const attempts = await sql('select number, error from webhook_attempt order by number');
    expect(attempts).toEqual([
      { number: 1, error: 'worker-lost' },
      { number: 2, error: null },
    ]);
  });
});
