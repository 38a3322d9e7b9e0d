import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startRelay, startWebhookWorker } from '../../support/apps.js';
import { silence, status, type Receiver } from '../../support/webhook-receiver.js';
import { deliveriesTo, endpoint, occur, partsOf, receiver, webhookSealer } from '../../support/webhook-sending.js';
import { run, sql, until } from '../../support/worker-roles.js';

/** What an endpoint that is slow or dead does to others: nothing. With the relay, the queue and the worker as they run. */

async function start(): Promise<void> {
  await run(startRelay(await partsOf('sallyport_relay')));
  await run(
    startWebhookWorker({ ...(await partsOf('sallyport_webhook_worker')), sealer: webhookSealer, allowPrivate: true }),
  );
}

const distinct = (of: Receiver) => new Set(of.received.map(({ headers }) => headers['webhook-id'])).size;

test('twenty endpoints get all of it while another one of the tenant never answers', async () => {
  const hanging = await receiver();
  hanging.answer(silence);
  await endpoint(hanging.url);
  const good = await Promise.all(Array.from({ length: 20 }, receiver));
  for (const { url } of good) await endpoint(url);
  const events = 30;
  await start();
  await occur(events);
  await until('all is there', () => good.every((each) => distinct(each) === events));
  // Ten are on their way to it, and no more than that.
  expect(hanging.most.messages).toBeLessThanOrEqual(10);
  // Nobody was told twice, and the one that says nothing has taken none.
  expect(good.map(({ received }) => received.length)).toEqual(Array(20).fill(events));
});

test('two thousand messages that wait for a dead endpoint keep nobody waiting, and are not looked at all the time', async () => {
  const dead = await receiver();
  dead.answer(status(500));
  const { id } = await endpoint(dead.url);
  const waiting = 2000;
  await occur(waiting);
  const good = await receiver();
  const { id: goodId } = await endpoint(good.url, 'tnt_2');
  await start();
  await until('the flood has reached the queue', async () => {
    const [left] = await sql<{ count: string }>('select count(*) from outbox where published_at is null');
    return Number(left?.count) === 0;
  });
  await occur(20, 'tnt_2');
  await until('the other one has all of it', () => distinct(good) === 20);
  // What an endpoint has taken is written down a moment later, with what goes beside it.
  await until('all of it is written down', async () =>
    (await deliveriesTo(goodId)).every(({ status: now }) => now === 'delivered'),
  );
  const looks = async () => {
    const [row] = await sql<{ n: string }>(
      `select n_tup_upd as n from pg_stat_user_tables where relname = 'webhook_delivery'`,
    );
    return Number(row?.n);
  };
  await sleep(8000);
  const before = await looks();
  await sleep(5000);
  // All of it is still to be told.
  expect((await deliveriesTo(id)).filter(({ status: now }) => now === 'queued').length).toBe(waiting);
  const perSecond = ((await looks()) - before) / 5;
  // Counted for want of a better sign of a busy loop: what came back at once would be all of them at each turn.
  expect(perSecond).toBeLessThan(500);
}, 120_000);
