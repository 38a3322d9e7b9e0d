import { expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { startRelay, startWebhookWorker } from '../../support/apps.js';
import { silence, status } from '../../support/webhook-receiver.js';
import { endpoint, occur, partsOf, receiver, webhookSealer } from '../../support/webhook-sending.js';
import { run, sql, until } from '../../support/worker-roles.js';

/** What a webhook worker tells in `/metrics`, as docs/runbook.md says. */

/** Figures by name and label. */
async function figures(): Promise<ReadonlyMap<string, number>> {
  const lines = (await register.metrics()).split('\n').filter((line) => line.startsWith('sallyport_webhook'));
  return new Map(
    lines.map((line) => {
      const [name = '', figure] = line.split(' ');
      return [name, Number(figure)] as const;
    }),
  );
}

test('a webhook worker tells what waits, how attempts ended, what is under way and what is disabled', async () => {
  const [good, failing, gone, silent] = [await receiver(), await receiver(), await receiver(), await receiver()];
  failing.answer(status(503, { 'retry-after': '3600' }));
  gone.answer(status(410));
  silent.answer(silence);
  for (const { url } of [good, failing, gone, silent]) await endpoint(url);
  await occur();
  await sql(`update webhook_delivery set created_at = created_at - interval '2 hours'`);
  const worker = { ...(await partsOf('sallyport_webhook_worker')), sealer: webhookSealer, allowPrivate: true as const };
  const running = startWebhookWorker(worker);
  await run(running);
  // All four wait, and nobody has them yet.
  expect(Object.fromEntries(await figures())).toMatchObject({
    sallyport_webhooks_waiting: 4,
    sallyport_webhooks_disabled: 0,
    sallyport_webhook_attempts_under_way: 0,
  });
  await sql(`update webhook_delivery set next_attempt_at = next_attempt_at - interval '100 seconds'`);
  expect((await figures()).get('sallyport_webhooks_overdue_seconds')).toBeGreaterThan(99);
  await run(startRelay(await partsOf('sallyport_relay')));
  await until('one waits for its answer', async () => {
    const underWay = (await figures()).get('sallyport_webhook_attempts_under_way');
    return silent.received.length === 1 && (underWay ?? 0) >= 1;
  });
  await until('the others have ended', async () => {
    const ended = `select count(*) as n from webhook_attempt where ended_at is not null and error is distinct from 'timeout'`;
    const isWritten = Number((await sql<{ n: string }>(ended))[0]?.n) === 3;
    // It counts what it has written down.
    return isWritten && (await figures()).get('sallyport_webhook_attempts_under_way') === 1;
  });
  const found = Object.fromEntries(await figures());
  expect(found).toMatchObject({
    sallyport_webhooks_waiting: 2,
    sallyport_webhooks_overdue_seconds: 0,
    sallyport_webhooks_disabled: 1,
    sallyport_webhook_attempts_under_way: 1,
    'sallyport_webhook_attempts_total{outcome="taken"}': 1,
    'sallyport_webhook_attempts_total{outcome="http-5xx"}': 1,
    'sallyport_webhook_attempts_total{outcome="http-4xx"}': 1,
  });
  expect(found['sallyport_webhooks_overdue_seconds']).toBeLessThan(99);
  expect(found['sallyport_webhooks_oldest_seconds']).toBeGreaterThan(7199);
});
