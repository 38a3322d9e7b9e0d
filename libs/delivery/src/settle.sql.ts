import { appendEvents, changingBatchStatement, sql } from '#persistence';
import { isOpen, milliseconds, receiptFailed, tellsReceipts, workerLost } from './delivery-row.sql.js';
import { holdDeliveries } from './hold-deliveries.sql.js';
import { addToSpend, costOf } from './sms-spend.js';

/** How an attempt ended, of the delivery `id`. */
export interface Ending {
  readonly id: string;
  /** Of the attempt: the delivery's fence. */
  readonly number: number;
  /** What the delivery becomes by it. */
  readonly status: string;
  readonly provider: string;
  readonly outcome: string;
  readonly reference: string | null;
  readonly error: string | null;
  readonly price: string | null;
  /** Until the next attempt, in ms; of a message that was sent, how long its receipt is waited for, 0 where it is not. */
  readonly wait: number | null;
  /** Whether another route may carry what does not arrive by this one. */
  readonly another: boolean;
  /** As `eventsToWrite` makes them. */
  readonly events: object;
}

export interface Settled {
  readonly status: string;
  /** Whether it is kept until its receipt comes. */
  readonly awaits: boolean;
  readonly dueMs: number;
}

/** A receipt was faster than the answer, and says that this attempt failed. */
const refuted = sql`(e.status = 'sent' and (e.number = any (d.failed_attempts)) is true)`;
/** Nothing more is tried: it failed, unless an attempt before was taken, or may have been. */
const ends = sql`(e.status = 'failed' or ${refuted} and not e.another)`;
const becomes = sql`case
        when ${ends} then case when d.sent_at is not null then 'sent' when e.doubted then 'sending' else 'failed' end
        when ${refuted} then 'queued'
        else e.status end`;
/** The attempt before was taken, and stays what is told of it. */
const staysSent = sql`(${ends} and d.sent_at is not null)`;
/** What a receipt tells is what is charged in the end, and may come before the answer. */
const price = sql`(case when t.number <> c.number then t.price when t.receipt is null then coalesce(c.price, t.price)
        else coalesce(t.price, c.price) end)`;
const awaits = sql`(e.status = 'sent' and e.awaits and not ${refuted})`;

/**
 * Writes down how attempts ended, and what their deliveries become by it: `status`. A row for each outcome that counted.
 *
 * A message that was taken ends its delivery, whoever holds it by now; where its receipt is waited for, it keeps its secrets until
 * then. Any other outcome counts only until the next attempt begins. Nothing is called `failed` that may have been sent: it waits
 * for its end, without its secrets.
 */
export const settle = changingBatchStatement<Settled, Ending>(
  'delivery-settle',
  {
    id: 'text',
    number: 'int',
    status: 'text',
    provider: 'text',
    outcome: 'text',
    reference: 'text',
    error: 'text',
    price: 'text',
    wait: 'float8',
    another: 'bool',
    events: 'jsonb',
  },
  ['id'],
  (asked, orPass) => sql`with ${asked},
  ${holdDeliveries(orPass)},
  ending as (
    select c.*,
      -- A first attempt has none before it.
      case when c.number > 1 then exists (
        select from delivery_attempt t where t.delivery_id = c.id and t.number <> c.number
          and (t.outcome is null or t.outcome = 'unknown') and t.receipt is distinct from 'failed') else false end as doubted,
      case when c.status = 'sent' and c.another and c.wait > 0 then ${tellsReceipts('c.provider')} else false end as awaits
    from held c
  ),
  settled as (
    update delivery d set
      status = ${becomes},
      lease_until = null,
      awaits_receipt = ${awaits},
      payload_sealed = case
        when e.status in ('queued', 'sending') or ${awaits} or ${refuted} and e.another then d.payload_sealed end,
      next_attempt_at = case
        when e.status in ('queued', 'sending') or ${awaits}
          then least(clock_timestamp() + e.wait * interval '1 millisecond', d.expires_at)
        when ${ends} and e.doubted and d.sent_at is null then d.expires_at
        else d.next_attempt_at end,
      provider = case when ${staysSent} then d.provider else e.provider end,
      provider_reference = case when ${staysSent} then d.provider_reference else e.reference end,
      error = case when ${staysSent} then d.error when ${refuted} then '${receiptFailed}' else e.error end,
      sent_at = case when e.status = 'sent' and not ${refuted} then clock_timestamp() else d.sent_at end,
      ended_at = case when ${ends} and d.sent_at is null and not e.doubted then clock_timestamp() end
    from ending e
    where d.id = e.id and ${isOpen}
      and (e.status = 'sent' and not ${refuted} or d.fence = e.number and d.status = 'sending')
    returning e.n, d.id, e.status as asked, e.events, d.status, d.awaits_receipt as awaits,
      ${refuted} as refuted, ${milliseconds('d.next_attempt_at')} as "dueMs"
  ),
  -- With it, those before it that told no end.
  attempt as (
    update delivery_attempt t set
      ended_at = clock_timestamp(),
      outcome = case when t.number = c.number then c.outcome else 'unknown' end,
      error = case when t.number = c.number then c.error else '${workerLost}' end,
      provider_reference = case when t.number = c.number then coalesce(c.reference, t.provider_reference) else t.provider_reference end,
      price = ${price},
      -- Every message that was taken costs, a repeat too.
      spent = case when t.number = c.number and c.outcome = 'sent' then coalesce(${costOf(price)}, 0) else t.spent end,
      spent_before = t.spent
    from held c
    where t.delivery_id = c.id
      and (t.number = c.number and t.outcome is distinct from 'sent' or t.number < c.number and t.outcome is null)
    returning t.delivery_id, t.spent, t.spent_before
  ),
  spent as (${addToSpend(sql`
      select d.tenant_id, (now() at time zone 'UTC')::date as day, a.spent, a.spent_before
      from attempt a join delivery d on d.id = a.delivery_id
      where d.channel = 'sms'`)}
  ),
  done as (
    delete from outbox o using settled s
    where s.asked in ('sent', 'failed') and s.status <> 'queued' and not s.awaits and o.payload ->> 'deliveryId' = s.id
  ),
  fact as (
    select case when status = 'sent' and refuted then array[]::text[] else array[status] end as outcomes, '{}'::jsonb as patch, events
    from settled
  ),
  ${appendEvents('g.events', 'fact')}
  select n, status, awaits, "dueMs" from settled`,
);
