import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { WebhookSender } from '../../../apps/webhook-worker/src/webhook-sender.js';
import { startReceiver, status, type Receiver } from '../../support/webhook-receiver.js';
import { age, comeDue, deliveriesTo, deliveryTo, endpoint, occur, sender } from '../../support/webhook-sending.js';
import { sql } from '../../support/worker-roles.js';

/** What an outage of ours is to an endpoint: nothing that it is punished for. */

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const webhookRow = async (id: string) => (await sql('select * from webhook where id = $1', [id]))[0];

/** One attempt at each delivery to an endpoint that is open. */
async function attempt(webhookId: string, worker: WebhookSender): Promise<void> {
  await comeDue();
  for (const { id, status: open } of await deliveriesTo(webhookId)) {
    if (open === 'queued') await worker.deliver(id);
    await worker.idle();
  }
}

test('an endpoint is not disabled, and no delivery given up, for days in which no worker ran', async () => {
  receiver.answer(status(500));
  const { id } = await endpoint(receiver.url);
  await occur();
  const worker = await sender();
  await attempt(id, worker);
  await age('6 days');
  await attempt(id, worker);
  expect(await webhookRow(id)).toMatchObject({ status: 'enabled', failing_since: expect.any(Date) });
  expect(await deliveryTo(id)).toMatchObject({ status: 'queued', attempts: 2 });
  // Half a day of those counts, and from now on all of it.
  const hours = 14;
  let counted = 14;
  for (; counted + hours < 5 * 24; counted += hours) {
    await age(`${hours} hours`);
    await attempt(id, worker);
    expect((await webhookRow(id))?.['status']).toBe('enabled');
    await occur();
  }
  await age(`${hours} hours`);
  await attempt(id, worker);
  expect(await webhookRow(id)).toMatchObject({ status: 'disabled', disabled_reason: 'failing' });
  expect(receiver.received.length).toBeGreaterThan(8);
});
