import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { JobPayload } from '#contracts';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { takeUnpublished } from '../../../apps/relay/src/publish-outbox.sql.js';
import { silence, startReceiver, status, type Receiver } from '../../support/webhook-receiver.js';
import { deliveryTo, endpoint, occur, sender } from '../../support/webhook-sending.js';
import { open, sql, until } from '../../support/worker-roles.js';

/** What several endpoints are told goes by one job, up to their first attempts. */

let receivers: Receiver[] = [];
beforeEach(async () => {
  receivers = await Promise.all(Array.from({ length: 5 }, () => startReceiver()));
});
afterEach(() => Promise.all(receivers.map((each) => each.close())));

type Group = JobPayload<'deliver-webhooks'>;
const group = async () => {
  const rows = await sql<{ payload: Group }>(`select payload from outbox where job = 'deliver-webhooks'`);
  expect(rows.length).toBe(1);
  return (rows[0] as { payload: Group }).payload;
};
const ownJobs = () =>
  sql<{ id: string }>(`select payload ->> 'deliveryId' as id from outbox where job = 'deliver-webhook'`);
const groups = () => sql(`select id from outbox where job = 'deliver-webhooks'`);

test('each goes its own way: the job waits for none that says nothing, and what is not taken has a job of its own', async () => {
  const [good, failing, hanging, disabled, another] = receivers as [Receiver, Receiver, Receiver, Receiver, Receiver];
  failing.answer(status(500));
  hanging.answer(silence);
  const ids: string[] = [];
  for (const { url } of [good, failing, hanging, disabled, another]) ids.push((await endpoint(url)).id);
  const [goodId = '', failingId = '', hangingId = '', disabledId = '', anotherId = ''] = ids;
  await occur();
  await sql(`update webhook set status = 'disabled' where id = $1`, [disabledId]);
  const worker = await sender();
  await worker.deliverTogether(await group());
  expect(await groups()).toEqual([]);
  // It is still waited for.
  expect(await deliveryTo(hangingId)).toMatchObject({ status: 'queued', attempts: 1, ended_at: null });
  await until('the others have ended', async () => {
    const [row] = await sql<{ n: number }>(
      `select count(*)::int as n from webhook_delivery where status = 'queued' and lease_until is not null`,
    );
    return row?.n === 1;
  });
  for (const id of [goodId, anotherId])
    expect(await deliveryTo(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  expect(await deliveryTo(disabledId)).toMatchObject({ status: 'canceled', attempts: 0 });
  const failed = await deliveryTo(failingId);
  expect(failed).toMatchObject({ status: 'queued', attempts: 1, last_error: 'http-500' });
  expect(await ownJobs()).toEqual([{ id: failed.id }]);
  expect([good, another, disabled].map(({ received }) => received.length)).toEqual([1, 1, 0]);
  await worker.idle();
  const hung = await deliveryTo(hangingId);
  expect(hung).toMatchObject({ status: 'queued', attempts: 1, last_error: 'timeout' });
  expect(await ownJobs()).toHaveLength(2);
}, 60_000);

test('one that finds no room is put off, and has a job of its own', async () => {
  const [hanging] = receivers as [Receiver];
  hanging.answer(silence);
  const { id } = await endpoint(hanging.url);
  await sql(`update webhook set failing_since = now() where id = $1`, [id]);
  await occur(3);
  const worker = await sender();
  await worker.deliverTogether(await group());
  // A failing endpoint gets a single one.
  expect(hanging.most.messages).toBeLessThanOrEqual(1);
  expect(await groups()).toEqual([]);
  const waiting = await sql<{ id: string }>(
    `select id from webhook_delivery where webhook_id = $1 and attempts = 0 order by id`,
    [id],
  );
  expect(waiting).toHaveLength(2);
  expect((await ownJobs()).map((job) => job.id).toSorted()).toEqual(waiting.map((row) => row.id));
}, 60_000);

test('a job that comes twice posts once, and one whose worker died is brought back when its leases are over', async () => {
  for (const { url } of receivers) await endpoint(url);
  await occur();
  const together = await group();
  const [first, second] = [await sender(), await sender()];
  await Promise.all([first, second, first].map((worker) => worker.deliverTogether(together)));
  await Promise.all([first.idle(), second.idle()]);
  expect(receivers.map(({ received }) => received.length)).toEqual([1, 1, 1, 1, 1]);
  expect(await sql('select id from outbox')).toEqual([]);
  // As its death leaves it: claimed, and no job any more.
  const [lost] = await sql<{ id: string }>(
    `update webhook_delivery set status = 'queued', lease_until = now() + interval '1 minute'
     where id = (select min(id) from webhook_delivery) returning id`,
  );
  const relay = await open('sallyport_relay');
  expect((await reconcile(relay)).webhooks).toBe(0);
  await sql(`update webhook_delivery set lease_until = now() - interval '1 second' where status = 'queued'`);
  expect((await reconcile(relay)).webhooks).toBe(1);
  expect(await ownJobs()).toEqual([lost]);
});

test('jobs of webhooks wait in the line of their tenant', async () => {
  for (const [at, { url }] of receivers.entries()) await endpoint(url, at < 2 ? 'tnt_1' : 'tnt_2');
  await occur();
  await occur(1, 'tnt_2');
  const relay = await open('sallyport_relay');
  const lines = async () =>
    (await relay.query(takeUnpublished, { jobs: ['deliver-webhook', 'deliver-webhooks'], limit: 10 }))
      .map(({ job, line }) => `${job} ${line}`)
      .toSorted();
  expect(await lines()).toEqual(['deliver-webhooks tnt_1', 'deliver-webhooks tnt_2']);
  await sql('delete from outbox');
  await reconcile(relay);
  expect(await lines()).toEqual([
    ...Array<string>(2).fill('deliver-webhook tnt_1'),
    ...Array<string>(3).fill('deliver-webhook tnt_2'),
  ]);
});
