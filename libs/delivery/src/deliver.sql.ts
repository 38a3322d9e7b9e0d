import { appendEvents, noOutcomes, sql, statement, type Nothing } from '#persistence';
import { columns, mayBeTried, milliseconds, workerLost, type Delivery } from './delivery-row.sql.js';

export interface Standing extends Delivery {
  readonly open: boolean;
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

/** Ends a delivery whose life is over. */
export const expire = statement<{ id: string }, { deliveryId: string; fence: number; events: string }>(
  'delivery-expire',
  ($) => sql`with ended as (
    update delivery
    set status = 'expired', payload_sealed = null, lease_until = null, ended_at = clock_timestamp()
    where id = ${$.deliveryId} and fence = ${$.fence} and ${ofNobody} and expires_at <= clock_timestamp()
    returning id
  ),
  lost as (${loseAttempts($.deliveryId, 'ended')}),
  done as (
    delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from ended)
  ),
  fact as (select ${noOutcomes} from ended),
  ${appendEvents($.events, 'fact')}
  select id from ended`,
);

/**
 * Leaves a delivery to the end of its life, without its secrets: it has been tried as often as it may be, and may have
 * arrived.
 */
export const leaveOpen = statement<{ id: string }, { deliveryId: string; fence: number }>(
  'delivery-leave-open',
  ($) => sql`with left_open as (
    update delivery
    set status = 'sending', payload_sealed = null, lease_until = null, next_attempt_at = expires_at
    where id = ${$.deliveryId} and fence = ${$.fence} and ${ofNobody} and next_attempt_at <= clock_timestamp()
    returning id
  ),
  lost as (${loseAttempts($.deliveryId, 'left_open')}),
  done as (
    delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from left_open)
  )
  select id from left_open`,
);
