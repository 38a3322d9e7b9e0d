import { beforeEach } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryChannel, SendResult } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { sql, statement, type Nothing } from '#persistence';
import { logger, makeDue, sealer, store } from './sent-deliveries.js';

/** Deliveries that wait for their receipts, for each file that imports this. */

export const waitMs = 60_000;
export const pastMs = 60;

export interface TestRoute extends DeliveryChannel {
  readonly texts: string[];
  answer: SendResult;
}

/** A second route, which tells nothing later. */
export function other(name = 'http'): TestRoute {
  const texts: string[] = [];
  return {
    name,
    texts,
    answer: { outcome: 'sent', reference: null, price: null },
    async send({ text }) {
      texts.push(text);
      return this.answer;
    },
  };
}

export function open(routes: readonly DeliveryChannel[], receiptWaitMs = waitMs) {
  const deliverer = new Deliverer({
    database: store.database,
    sealer,
    routes: new RouteTable(routes),
    logger,
    receiptWaitMs,
  });
  return (id: string) => deliverer.deliver(id);
}

/** As when the time to wait is over, and a moment more. */
export async function passWait(id: string) {
  await store.database.query(makeDue, { id });
  await delay(pastMs);
}

export const setSource = statement<Nothing, { missing: number }>(
  'test-set-receipt-source',
  ($) => sql`insert into receipt_source (provider, missing) values ('vonage', ${$.missing})
    on conflict (provider) do update set missing = excluded.missing`,
);
export const readSource = statement<{ missing: number }>(
  'test-read-receipt-source',
  sql`select missing from receipt_source where provider = 'vonage'`,
);
export const forgetSources = statement<Nothing>('test-forget-receipt-sources', sql`delete from receipt_source`);
export const setChallenge = statement<Nothing, { id: string; tenantId: string; userId: string; status: string }>(
  'test-set-challenge',
  ($) => sql`insert into challenge (id, tenant_id, user_id, purpose, status, max_checks, expires_at)
    values (${$.id}, ${$.tenantId}, ${$.userId}, 'login', ${$.status}, 5, now() + interval '10 minutes')`,
);
export const useCode = statement<Nothing, { subjectId: string; deviceId: string }>(
  'test-use-code',
  ($) => sql`insert into code (subject_id, device_id, id, expires_at, consumed_at)
    values (${$.subjectId}, ${$.deviceId}, 'c', now() + interval '5 minutes', now())`,
);
export const missing = async () => (await store.database.one(readSource))?.missing;

export const agoPublished = statement<Nothing, { id: string }>(
  'test-published-long-ago',
  ($) => sql`with d as (update delivery set next_attempt_at = now() - interval '10 minutes' where id = ${$.id})
    update outbox set published_at = now() - interval '10 minutes' where payload ->> 'deliveryId' = ${$.id}`,
);
export const endLeaseOf = statement<Nothing, { id: string }>(
  'test-end-lease-of',
  ($) => sql`update delivery set lease_until = clock_timestamp() - interval '1 s' where id = ${$.id}`,
);
export const unpublished = statement<{ id: string }, { id: string }>(
  'test-unpublished-of',
  ($) => sql`select id from outbox where payload ->> 'deliveryId' = ${$.id} and published_at is null`,
);

/** Vonage tells receipts, as its others have shown. */
beforeEach(() => store.database.query(setSource, { missing: 0 }));
