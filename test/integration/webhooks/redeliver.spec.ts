import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type Call, type TestPanel } from '../../support/gateway-harness.js';
import { makeWebhook, sealAll, typesFor } from '../../support/webhooks-of-panel.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  call = ApiDescription.read().checked(panel.call);
});
afterAll(() => panel.stop());

const deliveries = (id: string) =>
  panel.sql<{ id: string; event: string; of: string | null; status: string }>(
    `select id, event_id as event, redelivery_of as of, status from webhook_delivery where webhook_id = $1 order by created_at`,
    [id],
  );

/** An endpoint with a delivery for each of these states. */
async function withDeliveries(...states: readonly string[]): Promise<string> {
  const { id } = await makeWebhook(panel, { types: ['user.created'] });
  for (const _ of states) await panel.user();
  await sealAll(panel);
  const made = await deliveries(id);
  for (const [index, status] of states.entries()) {
    await panel.sql(`update webhook_delivery set status = $1 where id = $2`, [status, made[index]?.id]);
  }
  await panel.sql('delete from outbox');
  return id;
}

describe('a delivery', () => {
  test('is listed with its attempts, the newest first, by pages and by status', async () => {
    const id = await withDeliveries('delivered', 'failed', 'delivered', 'queued');
    const [, failed] = await deliveries(id);
    await panel.sql(
      `insert into webhook_attempt (delivery_id, number, ended_at, http_status, error, duration_ms)
       values ($1, 1, now(), 500, 'http-status', 12), ($1, 2, null, null, null, null)`,
      [failed?.id],
    );
    const path = `/v1/webhooks/${id}/deliveries`;
    const first = await call('GET', `${path}?limit=3`);
    const second = await call('GET', `${path}?limit=3&cursor=${first.body.nextCursor}`);
    const all = [...first.body.data, ...second.body.data];
    expect(all.map((each) => each.id)).toEqual((await deliveries(id)).map((each) => each.id).toReversed());
    expect(second.body.nextCursor).toBeNull();
    expect(all[0]).toMatchObject({ status: 'queued', nextAttemptAt: expect.any(String), eventType: 'user.created' });
    expect((await call('GET', `${path}?status=failed`)).body.data).toMatchObject([
      {
        id: failed?.id,
        eventId: failed?.event,
        nextAttemptAt: null,
        attempts: [
          { number: 1, httpStatus: 500, error: 'http-status', durationMs: 12, endedAt: expect.any(String) },
          { number: 2, httpStatus: null, error: null, durationMs: null, endedAt: null },
        ],
      },
    ]);
    expect((await call('GET', `${path}?status=lost`)).status).toBe(400);
  });

  test('is sent once more as a delivery of its own, with a job; one that is on its way is not', async () => {
    const id = await withDeliveries('failed', 'queued');
    const [failed, queued] = await deliveries(id);
    const again = await call('POST', `/v1/webhooks/${id}/deliveries/${failed?.id}/redeliver`);
    expect(again).toMatchObject({ status: 202, body: { deliveryId: expect.stringMatching(/^whd_/) } });
    expect((await deliveries(id)).at(-1)).toEqual({
      id: again.body.deliveryId,
      event: failed?.event,
      of: failed?.id,
      status: 'queued',
    });
    expect(await panel.sql(`select job, payload ->> 'deliveryId' as id from outbox where job like '%webhook'`)).toEqual(
      [{ job: 'deliver-webhook', id: again.body.deliveryId }],
    );
    expect(await call('POST', `/v1/webhooks/${id}/deliveries/${queued?.id}/redeliver`)).toMatchObject({
      status: 409,
      body: { code: 'webhook_delivery_queued' },
    });
    const other = await withDeliveries('failed');
    expect((await call('POST', `/v1/webhooks/${other}/deliveries/${failed?.id}/redeliver`)).status).toBe(404);
    await call('PATCH', `/v1/webhooks/${id}`, { status: 'disabled' });
    expect(await call('POST', `/v1/webhooks/${id}/deliveries/${failed?.id}/redeliver`)).toMatchObject({
      status: 409,
      body: { code: 'webhook_disabled' },
    });
  });

  test('is sent once more with many: what did not arrive, or all of a time', async () => {
    const id = await withDeliveries('failed', 'delivered', 'canceled', 'queued', 'failed');
    const path = `/v1/webhooks/${id}/redeliver`;
    const before = await deliveries(id);
    const from = '2020-01-01T00:00:00Z';
    expect(await call('POST', path, { from, to: '2020-01-02T00:00:00Z' })).toMatchObject({
      status: 202,
      body: { deliveries: 0, continueFrom: null },
    });
    expect(await call('POST', path, { from, status: 'failed' })).toMatchObject({
      status: 202,
      body: { deliveries: 3, continueFrom: null },
    });
    const made = (await deliveries(id)).slice(before.length);
    expect(made.map(({ of }) => of)).toEqual([before[0]?.id, before[2]?.id, before[4]?.id]);
    // What is on its way is left alone, and what has arrived has not failed.
    expect((await call('POST', path, { from, status: 'failed' })).body.deliveries).toBe(0);
    await panel.sql(`update webhook_delivery set status = 'delivered' where redelivery_of is not null`);
    expect((await call('POST', path, { from, status: 'failed' })).body.deliveries).toBe(0);
    expect((await call('POST', path, { from })).body.deliveries).toBe(4);
    const told = await panel.sql<{ n: number }>(
      `select (data ->> 'deliveries')::int as n from event where type = 'webhook.redelivered' and data ->> 'webhookId' = $1 order by tx`,
      [id],
    );
    expect(told.map(({ n }) => n)).toEqual([3, 4]);
    expect((await call('POST', path, { from, to: from })).status).toBe(400);
  });

  test('is one of 1000 in a call; the answer says where to go on', async () => {
    const id = await withDeliveries('failed');
    await panel.sql(
      `insert into webhook_delivery (id, tenant_id, webhook_id, event_id, status, created_at)
       select 'whd_many' || n, tenant_id, webhook_id, 'evt_' || n, 'failed', created_at + n * interval '1 microsecond'
       from webhook_delivery, generate_series(1, 1500) n where webhook_id = $1`,
      [id],
    );
    const path = `/v1/webhooks/${id}/redeliver`;
    await panel.sql(`update webhook_delivery set created_at = created_at - interval '1 hour' where webhook_id = $1`, [
      id,
    ]);
    const first = await call('POST', path, { from: '2020-01-01T00:00:00Z' });
    expect(first.body).toEqual({ deliveries: 1000, continueFrom: expect.any(String) });
    await panel.sql(`update webhook_delivery set status = 'delivered' where redelivery_of is not null`);
    // To the microsecond: what has been sent again would be once more.
    const second = await call('POST', path, { from: first.body.continueFrom });
    expect(second.body).toEqual({ deliveries: 501, continueFrom: null });
  });
});

test('many are asked for by times that there are, in any zone', async () => {
  const id = await withDeliveries('failed');
  const path = `/v1/webhooks/${id}/redeliver`;
  for (const from of ['0000-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-23:59', 'yesterday', '']) {
    expect(await call('POST', path, { from })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/from' }] } });
  }
  const from = '2026-01-01T00:00:00.123456+23:59';
  const none = { status: 202, body: { deliveries: 0 } };
  expect(await call('POST', path, { from, to: '2026-01-01T00:00:00.123456+23:58' })).toMatchObject(none);
  expect(await call('POST', path, { from })).toMatchObject({ status: 202, body: { deliveries: 1 } });
});

describe('a test event', () => {
  test('is in the log, and goes to its endpoint only, whatever that is told otherwise', async () => {
    const { id } = await makeWebhook(panel, { types: ['lockout.started'], accountId: 'nobody' });
    const all = await makeWebhook(panel);
    await sealAll(panel);
    const sent = await call('POST', `/v1/webhooks/${id}/test`);
    expect(sent).toMatchObject({ status: 202, body: { eventId: expect.stringMatching(/^evt_/) } });
    await sealAll(panel);
    expect(await typesFor(panel, id)).toEqual(['webhook.tested']);
    expect(await typesFor(panel, all.id)).not.toContain('webhook.tested');
    expect((await deliveries(id)).map(({ event }) => event)).toEqual([sent.body.eventId]);
    await call('PATCH', `/v1/webhooks/${id}`, { status: 'disabled' });
    expect(await call('POST', `/v1/webhooks/${id}/test`)).toMatchObject({
      status: 409,
      body: { code: 'webhook_disabled' },
    });
  });
});
