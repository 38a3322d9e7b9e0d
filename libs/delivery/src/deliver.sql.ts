import { appendEvents, noOutcomes, sql, statement, type Nothing } from '#persistence';
import { columns, mayBeTried, milliseconds, waitsForReceipt, workerLost, type Delivery } from './delivery-row.sql.js';

export interface Standing extends Delivery {
  readonly open: boolean;
  /** Whether it was sent, and is kept until its receipt comes. */
  readonly waits: boolean;
  readonly expired: boolean;
  /** Whether one message more would be one too many. */
  readonly exhausted: boolean;
  /** Until the lease ends and the next attempt is due; not above 0 where neither holds it back. */
  readonly leaseMs: number;
  readonly dueMs: number;
}

const loseAttempts = (deliveryId: string, gate: string) => sql`
  update delivery_attempt set outcome = 'unknown', error = '${workerLost}', ended_at = clock_timestamp()
  where delivery_id = ${deliveryId} and outcome is null and exists (select from ${gate})`;

export const readStanding = statement<Standing, { deliveryId: string }>(
  'delivery-standing',
  ($) => sql`select ${columns},
    d.status in ('queued', 'sending') as open,
    ${waitsForReceipt} as waits,
    d.expires_at <= clock_timestamp() as expired,
    not ${mayBeTried} as exhausted,
    coalesce(${milliseconds('d.lease_until')}, 0) as "leaseMs",
    ${milliseconds('d.next_attempt_at')} as "dueMs"
  from delivery d
  where d.id = ${$.deliveryId}`,
);

export const dropJob = statement<Nothing, { deliveryId: string }>(
  'delivery-drop-job',
  ($) => sql`delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId}`,
);

const ofNobody = sql`status in ('queued', 'sending') and (lease_until is null or lease_until < clock_timestamp())`;

/** Ends a delivery whose life is over: as one that was sent, where an attempt before was. */
export const expire = statement<{ id: string }, { deliveryId: string; fence: number; events: string }>(
  'delivery-expire',
  ($) => sql`with ended as (
    update delivery
    set status = case when sent_at is null then 'expired' else 'sent' end, payload_sealed = null, lease_until = null,
      awaits_receipt = false, ended_at = case when sent_at is null then clock_timestamp() end
    where id = ${$.deliveryId} and fence = ${$.fence} and ${ofNobody} and expires_at <= clock_timestamp()
    returning id, status
  ),
  lost as (${loseAttempts($.deliveryId, 'ended')}),
  done as (
    delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from ended)
  ),
  fact as (select ${noOutcomes} from ended where status = 'expired'),
  ${appendEvents($.events, 'fact')}
  select id from ended`,
);

/**
 * Leaves a delivery to the end of its life, without its secrets: it has been tried as often as it may be, and may have
 * arrived. One that was sent by an attempt before is that.
 */
export const leaveOpen = statement<{ id: string }, { deliveryId: string; fence: number }>(
  'delivery-leave-open',
  ($) => sql`with left_open as (
    update delivery
    set status = case when sent_at is null then 'sending' else 'sent' end, payload_sealed = null, lease_until = null,
      awaits_receipt = false, next_attempt_at = expires_at
    where id = ${$.deliveryId} and fence = ${$.fence} and ${ofNobody} and next_attempt_at <= clock_timestamp()
    returning id
  ),
  lost as (${loseAttempts($.deliveryId, 'left_open')}),
  done as (
    delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from left_open)
  )
  select id from left_open`,
);

/** Ends the wait for a receipt, and wipes the secrets that were kept for it. */
export const endWait = statement<{ id: string }, { deliveryId: string }>(
  'delivery-end-wait',
  ($) => sql`with ended as (
    update delivery d set awaits_receipt = false, payload_sealed = null
    where d.id = ${$.deliveryId} and ${waitsForReceipt} and d.next_attempt_at <= clock_timestamp()
    returning d.id
  ),
  done as (
    delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from ended)
  )
  select id from ended`,
);

export const noteMissing = statement<Nothing, { provider: string }>(
  'delivery-note-missing-receipt',
  ($) => sql`update receipt_source set missing = missing + 1 where provider = ${$.provider}`,
);
