import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem } from '#contracts';
import { Database, event, eventsParameter } from '#persistence';
import { tracing } from '#runtime';
import { eventsOf, type Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, inUtc } from '../http/schemas.js';
import { noSuch } from '../refusals/refusals.js';
import { Webhooks } from './webhooks.js';
import {
  redeliver,
  redeliverMany,
  selectDeliveries,
  selectStanding,
  type DeliveryRow,
} from './webhook-deliveries.sql.js';
import type { DeliveriesQuery, DeliveryAnswer, RedeliverBody } from './webhooks.schema.js';

/** Deliveries that one call makes at most. */
const mostAtOnce = 1000;

/** What was sent to an endpoint, and what is sent once more. */
@Injectable()
export class WebhookDeliveries {
  constructor(
    private readonly database: Database,
    private readonly webhooks: Webhooks,
  ) {}

  /**
   * The latest first.
   * @throws {Problem} `not_found`
   */
  async list(
    caller: Caller,
    webhookId: string,
    { cursor, limit, status }: DeliveriesQuery,
  ): Promise<{ data: DeliveryAnswer[]; nextCursor: string | null }> {
    await this.webhooks.get(caller, webhookId);
    const { tenantId } = caller;
    const before = decodeCursor(cursor) ?? null;
    const rows = await this.database.query(selectDeliveries(status), {
      webhookId,
      tenantId,
      before,
      limit: limit + 1,
      ...(status && { status }),
    });
    const data = rows.slice(0, limit);
    const last = rows.length > limit ? data.at(-1) : undefined;
    return { data: data.map(shown), nextCursor: last ? encodeCursor(last.id) : null };
  }

  /**
   * Sends the event of a delivery once more, as a delivery of its own.
   * @throws {Problem} `not_found`, `webhook_disabled`, `webhook_delivery_queued`
   */
  async redeliver(caller: Caller, webhookId: string, deliveryId: string): Promise<{ deliveryId: string }> {
    const { tenantId } = caller;
    const { host } = await this.target(caller, webhookId);
    const made = newId('webhookDelivery');
    const events = eventsParameter(eventsOf(caller), [event('webhook.redelivered', { webhookId, host })]);
    const key = { webhookId, tenantId, deliveryId };
    if (await this.database.one(redeliver, { ...key, newId: made, events, traceparent: tracing()?.traceparent }))
      return { deliveryId: made };
    const standing = await this.database.one(selectStanding, key);
    if (!standing) throw noSuch('webhook');
    if (standing.status === null) throw noSuch('delivery');
    throw new Problem(standing.webhookStatus === 'disabled' ? 'webhook_disabled' : 'webhook_delivery_queued');
  }

  /**
   * Sends many events once more, the oldest first: those that were delivered in some time, or only those that did not arrive.
   * @throws {Problem} `not_found`, `webhook_disabled`, `invalid_request`
   */
  async redeliverMany(
    caller: Caller,
    webhookId: string,
    { from, to, status }: RedeliverBody,
  ): Promise<{ deliveries: number; continueFrom: string | null }> {
    if (to !== undefined && Date.parse(to) <= Date.parse(from)) throw invalidRequest('/to', 'must be later than from');
    const { host } = await this.target(caller, webhookId);
    const done = await this.database.one(redeliverMany, {
      webhookId,
      tenantId: caller.tenantId,
      from: inUtc(from),
      to: to === undefined ? null : inUtc(to),
      failedOnly: status === 'failed',
      newIds: Array.from({ length: mostAtOnce }, () => newId('webhookDelivery')),
      events: eventsParameter(eventsOf(caller), [event('webhook.redelivered', { webhookId, host })]),
      traceparent: tracing()?.traceparent,
    });
    // Disabled or deleted since.
    if (!done) throw new Problem('webhook_disabled');
    return done;
  }

  /** @throws {Problem} `not_found`, `webhook_disabled` */
  private async target(caller: Caller, webhookId: string): Promise<{ host: string }> {
    const { url, status } = await this.webhooks.get(caller, webhookId);
    if (status === 'disabled') throw new Problem('webhook_disabled');
    return { host: new URL(url).host };
  }
}

function shown({ attempts, ...row }: DeliveryRow): DeliveryAnswer {
  return {
    ...row,
    nextAttemptAt: row.status === 'queued' ? row.nextAttemptAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    attempts: attempts.map((attempt) => ({
      ...attempt,
      startedAt: new Date(attempt.startedAt).toISOString(),
      endedAt: attempt.endedAt === null ? null : new Date(attempt.endedAt).toISOString(),
    })),
  };
}
