import { deliveriesInJob, newId } from '#contracts';
import type { Database } from '#persistence';
import { tracing } from '#runtime';
import type { EventRow } from './event-rows.sql.js';
import { insertDeliveries, readWebhooks, type Webhook } from './fan-out.sql.js';

/** Events that one job tells of: an endpoint takes as many at a time. */
const eventsInJob = 10;

/** What decides who is told of an event. */
type Told = Pick<EventRow, 'id' | 'tenantId' | 'type' | 'accountId' | 'data'>;

/**
 * Has every endpoint told of the events that concern it, in the transaction that seals them: an event is told to an endpoint
 * exactly if it is in the log. Tenants without an endpoint cost one look for all of them.
 * @param sealed events that this transaction seals
 */
export async function fanOut(database: Database, sealed: readonly Told[]): Promise<void> {
  if (sealed.length === 0) return;
  const tenantIds = [...new Set(sealed.map(({ tenantId }) => tenantId))];
  const webhooks = await database.query(readWebhooks, { tenantIds });
  if (webhooks.length === 0) return;
  const pairs = pairsOf(sealed, webhooks);
  if (pairs.length === 0) return;
  const ids = pairs.map(() => newId('webhookDelivery'));
  await database.query(insertDeliveries, {
    ids,
    groupIds: groupsOf(pairs, ids),
    tenantIds: pairs.map(({ event }) => event.tenantId),
    webhookIds: pairs.map(({ webhook }) => webhook.id),
    eventIds: pairs.map(({ event }) => event.id),
    traceparent: tracing()?.traceparent,
  });
}

/**
 * What a tenant's endpoints are told goes by one job, as far as there is room in it: a job with its way through outbox and queue
 * costs more than what it asks for. Of more events, an endpoint would have no room for all at once, and those of others would wait.
 * @returns the group of each, which has the id of its first delivery
 */
function groupsOf(pairs: readonly { event: Told }[], ids: readonly string[]): string[] {
  const open = new Map<string, { readonly id: string; readonly events: Set<Told>; size: number }>();
  return pairs.map(({ event }, n) => {
    const last = open.get(event.tenantId);
    const hasRoom = last && last.size < deliveriesInJob && (last.events.size < eventsInJob || last.events.has(event));
    const group = hasRoom ? last : { id: ids[n] ?? '', events: new Set<Told>(), size: 0 };
    group.size += 1;
    group.events.add(event);
    open.set(event.tenantId, group);
    return group.id;
  });
}

/** Each event with each endpoint that is to be told of it, in the order of the events. */
export function pairsOf(events: readonly Told[], webhooks: readonly Webhook[]): { event: Told; webhook: Webhook }[] {
  const byTenant = Map.groupBy(webhooks, ({ tenantId }) => tenantId);
  return events.flatMap((event) =>
    (byTenant.get(event.tenantId) ?? [])
      .filter((webhook) => concerns(webhook, event))
      .map((webhook) => ({ event, webhook })),
  );
}

function concerns(webhook: Webhook, event: Told): boolean {
  if (event.type === 'webhook.tested') return isTestOf(webhook, event);
  if (webhook.accountId !== null && webhook.accountId !== event.accountId) return false;
  return webhook.types === null || webhook.types.some((type) => means(type, event.type));
}

/** A test goes to the endpoint that it names, whatever that is told otherwise, and to no other. */
function isTestOf(webhook: Webhook, event: Told): boolean {
  return (JSON.parse(event.data ?? '{}') as { webhookId?: unknown }).webhookId === webhook.id;
}

/** @param type a name, or a prefix as `challenge.*`, which means events of later releases as well */
function means(type: string, name: string): boolean {
  return type.endsWith('.*') ? name.startsWith(type.slice(0, -1)) : name === type;
}
