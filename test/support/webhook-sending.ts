import { randomBytes } from 'node:crypto';
import { beforeEach } from '@jest/globals';
import { newId } from '#contracts';
import { Sealer, type Database } from '#persistence';
import { loadKeys, generateKeyFile } from '#runtime';
import { sealEvents } from '../../apps/audit-worker/src/seal-events.js';
import { WebhookSender, type SenderParts } from '../../apps/webhook-worker/src/webhook-sender.js';
import { openQueues } from './queues.js';
import { startReceiver, type Receiver } from './webhook-receiver.js';
import { ends, logger, open, sql, until, urlOf } from './worker-roles.js';

/** Endpoints, events and a sender under the role of its process, for each file that imports this. */

const { webhook } = loadKeys(['webhook'], { SALLYPORT_KEYS: generateKeyFile() });
export const webhookSealer = new Sealer(webhook);

export let auditWorker: Database;
beforeEach(async () => {
  await sql('truncate webhook_delivery, webhook cascade');
  await sql(`update audit_cursor set cluster = (select system_identifier::text from pg_control_system())`);
  auditWorker = await open('sallyport_audit_worker');
});

export const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
export const sealSecret = (id: string, secret: string) => webhookSealer.seal('webhook-secret', id, secret);

/** An endpoint of a tenant, that is told everything. */
export async function endpoint(url: string, tenant = 'tnt_1'): Promise<{ id: string; secret: string }> {
  const [id, secret] = [newId('webhook'), newSecret()];
  await sql('insert into webhook (id, tenant_id, url, secret_sealed) values ($1, $2, $3, $4)', [
    id,
    tenant,
    url,
    sealSecret(id, secret),
  ]);
  return { id, secret };
}

/** A receiver of webhooks that ends with its test. */
export async function receiver(): Promise<Receiver> {
  const started = await startReceiver();
  ends.push(() => started.close());
  return started;
}

/** Something happens and is sealed, so that the endpoints are to be told. @returns the events' ids */
export async function occur(count = 1, tenant = 'tnt_1'): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('event'));
  await sql(
    `insert into event (id, tenant_id, type, account_id, user_id, data)
     select id, $2, 'login.allowed', 'customer', 'person', '{"reason":"trusted_browser"}' from unnest($1::text[]) id`,
    [ids, tenant],
  );
  const unsealed = 'select from unnest($1::text[]) id where not exists (select from audit_entry where event_id = id)';
  // A transaction of another database may hold the seal back for a moment.
  await until('all is sealed', async () => {
    await seal();
    return (await sql(unsealed, [ids])).length === 0;
  });
  return ids;
}

export async function seal(): Promise<void> {
  for (let more = true; more;) ({ more } = await sealEvents(auditWorker));
}

export async function sender(parts: Partial<SenderParts> = {}): Promise<WebhookSender> {
  const database = await open('sallyport_webhook_worker');
  const made = new WebhookSender({ sealer: webhookSealer, allowPrivate: true, ...parts, database, logger });
  ends.push(() => made.end());
  return made;
}

/** What a process runs on, under its role. */
export async function partsOf(role: string) {
  const queues = await openQueues(urlOf(role), logger);
  ends.push(() => queues.close());
  return { database: await open(role), queues, logger };
}

/** A delivery goes a step further, up to the end of its attempt. */
export async function deliverBy(worker: WebhookSender, deliveryId: string): ReturnType<WebhookSender['deliver']> {
  const again = await worker.deliver(deliveryId);
  await worker.idle();
  return again;
}

/** One attempt at each delivery to an endpoint that is open. */
export async function attempt(webhookId: string, by = sender()): Promise<void> {
  const worker = await by;
  await comeDue();
  for (const { id, status } of await deliveriesTo(webhookId)) if (status === 'queued') await deliverBy(worker, id);
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_http_status: number | null;
  readonly last_error: string | null;
  readonly ended_at: Date | null;
  /** Until its next attempt, in seconds. */
  readonly wait: number;
}

/** Deliveries to an endpoint, in the order of their making. */
export const deliveriesTo = (webhookId: string) =>
  sql<DeliveryRow>(
    `select *, extract(epoch from next_attempt_at - clock_timestamp())::float8 as wait
     from webhook_delivery where webhook_id = $1 order by created_at, id`,
    [webhookId],
  );

/** The one delivery to an endpoint. */
export async function deliveryTo(webhookId: string): Promise<DeliveryRow> {
  const [row] = await deliveriesTo(webhookId);
  if (!row) throw new Error('There is no delivery.');
  return row;
}

/** As if the time of the next attempt had come. */
export const comeDue = () =>
  sql('update webhook_delivery set next_attempt_at = clock_timestamp() where lease_until is null');

/** As if all that an endpoint has been through had been so much earlier. */
export async function age(interval: string): Promise<void> {
  await sql('update webhook set failing_since = failing_since - $1::interval, failed_at = failed_at - $1::interval', [
    interval,
  ]);
  await sql('update webhook_attempt set started_at = started_at - $1::interval, ended_at = ended_at - $1::interval', [
    interval,
  ]);
}
