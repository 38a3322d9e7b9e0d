import { appendEvents, changingBatchStatement, sql } from '#persistence';
import { milliseconds, workerLost } from './delivery-row.sql.js';
import { holdDeliveries } from './hold-deliveries.sql.js';

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
  /** The price without its currency. */
  readonly cost: string | null;
  /** Until the next attempt, in ms. */
  readonly wait: number | null;
  /** As `eventsToWrite` makes them. */
  readonly events: object;
}

export interface Settled {
  readonly status: string;
  readonly dueMs: number;
}

/**
 * Writes down how attempts ended, and what their deliveries become by it: `status`. A row for
 * each outcome that counted.
 *
 * A message that was taken ends its delivery, whoever holds it by now. Any other outcome counts only until the next
 * attempt begins. Nothing is called `failed` that may have been sent: it waits for its end, without its secrets.
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
    cost: 'numeric',
    wait: 'float8',
    events: 'jsonb',
  },
  ['id'],
  (asked, orPass) => sql`with ${asked},
  ${holdDeliveries(orPass)},
  ending as (
    select c.*, case
      when c.status = 'failed' and exists (
        select from delivery_attempt t
        where t.delivery_id = c.id and t.number <> c.number and (t.outcome is null or t.outcome = 'unknown')) then 'sending'
      else c.status end as becomes
    from held c
  ),
  settled as (
    update delivery d set
      status = e.becomes,
      lease_until = null,
      payload_sealed = case when e.status in ('queued', 'sending') then d.payload_sealed end,
      next_attempt_at = case
        when e.status in ('queued', 'sending')
          then least(clock_timestamp() + e.wait * interval '1 millisecond', d.expires_at)
        when e.becomes = 'sending' then d.expires_at
        else d.next_attempt_at end,
      provider = e.provider,
      provider_reference = e.reference,
      error = e.error,
      sent_at = case when e.status = 'sent' then clock_timestamp() end,
      ended_at = case when e.becomes = 'failed' then clock_timestamp() end
    from ending e
    -- As an expression, or the plan reads the index of all that are open.
    where d.id = e.id and d.status || '' in ('queued', 'sending')
      and (e.status = 'sent' or (d.fence = e.number and d.status = 'sending'))
    returning e.n, d.id, e.status as asked, e.events, d.status, ${milliseconds('d.next_attempt_at')} as "dueMs"
  ),
  -- With it, those before it that told no end.
  attempt as (
    update delivery_attempt t set
      ended_at = clock_timestamp(),
      outcome = case when t.number = c.number then c.outcome else 'unknown' end,
      error = case when t.number = c.number then c.error else '${workerLost}' end,
      provider_reference = case when t.number = c.number then c.reference end,
      price = case when t.number = c.number then c.price end
    from held c
    where t.delivery_id = c.id
      and (t.number = c.number and t.outcome is distinct from 'sent' or t.number < c.number and t.outcome is null)
    returning t.delivery_id, t.number = c.number and c.outcome = 'sent' as sent, c.cost
  ),
  -- Every message that was taken costs, a repeat too. In parts, so that deliveries of a tenant do not wait for each other, and
  -- in one order, so that tenants do not wait in a circle.
  spent as (
    insert into sms_spend as s (tenant_id, day, part, messages, cost)
    select d.tenant_id, (now() at time zone 'UTC')::date, (select floor(random() * 8)), count(*), coalesce(sum(a.cost), 0)
    from attempt a join delivery d on d.id = a.delivery_id
    where a.sent and d.channel = 'sms'
    group by d.tenant_id order by d.tenant_id
    on conflict (tenant_id, day, part) do update set messages = s.messages + excluded.messages, cost = s.cost + excluded.cost
  ),
  done as (
    delete from outbox o using settled s where s.asked in ('sent', 'failed') and o.payload ->> 'deliveryId' = s.id
  ),
  fact as (select array[status] as outcomes, '{}'::jsonb as patch, events from settled),
  ${appendEvents('g.events', 'fact')}
  select n, status, "dueMs" from settled`,
);
