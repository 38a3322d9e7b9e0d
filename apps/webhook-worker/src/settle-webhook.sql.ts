import { deliveriesInJob } from '#contracts';
import { appendEvents, batchStatement, ownJobs, sql, statement } from '#persistence';

/** Error of an attempt whose process died, or was too slow to say how it ended. */
const workerLost = 'worker-lost';

/** While nobody calls an endpoint, it is not known to fail: between two attempts no more counts. The longest pause fits in. */
const longestGap = sql`interval '14 hours'`;

/** An attempt whose message the endpoint took. */
interface Taken {
  readonly delivery_id: string;
  readonly number: number;
  readonly http_status: number | null;
  readonly duration_ms: number;
}

/** As `settle`, for what the endpoint took: most of all, and none of it has an event. */
export const settleTaken = batchStatement<Settled, Taken>(
  'webhook-delivery-settle-taken',
  { delivery_id: 'text', number: 'int', http_status: 'int', duration_ms: 'int' },
  (asked) => sql`with ${asked},
  settled as (
    update webhook_delivery d set
      status = 'delivered', lease_until = null, last_http_status = asked.http_status, last_error = null,
      ended_at = clock_timestamp()
    from asked where d.id = asked.delivery_id and d.status <> 'delivered'
    returning asked.n, d.id, d.webhook_id
  ),
  -- With it, those before it that told no end.
  attempt as (
    update webhook_attempt a set
      ended_at = clock_timestamp(),
      http_status = case when a.number = asked.number then asked.http_status end,
      error = case when a.number < asked.number then '${workerLost}' end,
      duration_ms = case when a.number = asked.number then asked.duration_ms end
    from asked where a.delivery_id = asked.delivery_id and a.number <= asked.number and a.ended_at is null
  ),
  -- In one order, whoever does it.
  recovered as (
    select w.id from webhook w
    where w.id in (select webhook_id from settled) and w.status = 'enabled' and w.failing_since is not null
    order by w.id for no key update
  ),
  endpoint as (
    update webhook w set failing_since = null, failed_at = null, failing_for = '0'
    from recovered r where w.id = r.id
  ),
  done as (
    delete from outbox where payload ->> 'deliveryId' = any (array(select id from settled))
  )
  select n, false as disabled from settled`,
  deliveriesInJob,
);

/** How an attempt ended that failed. */
export interface Ending {
  readonly deliveryId: string;
  readonly number: number;
  /** What the delivery becomes by it: `queued` or `failed`. */
  readonly status: string;
  readonly httpStatus: number | null;
  readonly error: string;
  readonly durationMs: number;
  /** Until the next attempt. */
  readonly waitMs: number;
  /** Whether it waits without a job. */
  readonly dropJob: boolean;
  /** So long an endpoint may take nothing of what it is sent, until it is disabled. */
  readonly patienceMs: number;
  /** `webhook.disabled` for each reason. */
  readonly events: string;
}

export interface Settled {
  /** Whether the endpoint was disabled by it. */
  readonly disabled: boolean;
}

/**
 * Writes down how an attempt failed, what the delivery becomes by it, and how the endpoint fares. It counts only until the next
 * attempt begins; that an endpoint took something (`settleTaken`) counts whoever owns the delivery by now.
 */
export const settle = statement<Settled, Ending>('webhook-delivery-settle', ($) => {
  const failingFor = sql`(w.failing_for + least(clock_timestamp() - coalesce(w.failed_at, clock_timestamp()), ${longestGap}))`;
  const reason = sql`case when ${$.httpStatus}::int = 410 then 'gone'
      when ${failingFor} >= ${$.patienceMs}::float8 * interval '1 millisecond' then 'failing' end`;
  return sql`with settled as (
    update webhook_delivery d set
      status = ${$.status},
      lease_until = null,
      next_attempt_at = case when ${$.status} = 'queued'
        then clock_timestamp() + ${$.waitMs}::float8 * interval '1 millisecond' else d.next_attempt_at end,
      last_http_status = ${$.httpStatus},
      last_error = ${$.error},
      ended_at = case when ${$.status} <> 'queued' then clock_timestamp() end
    where d.id = ${$.deliveryId} and d.status = 'queued' and d.fence = ${$.number}
    returning d.id, d.tenant_id, d.fence, d.next_attempt_at, d.webhook_id
  ),
  -- With it, those before it that told no end.
  attempt as (
    update webhook_attempt a set
      ended_at = clock_timestamp(),
      http_status = case when number = ${$.number} then ${$.httpStatus}::int end,
      error = case when number = ${$.number} then ${$.error} else '${workerLost}' end,
      duration_ms = case when number = ${$.number} then ${$.durationMs}::int end
    where delivery_id = ${$.deliveryId} and number <= ${$.number} and ended_at is null
  ),
  -- Its row is written once a minute, or all its deliveries would wait for each other.
  endpoint as (
    update webhook w set
      failing_since = coalesce(w.failing_since, clock_timestamp()),
      failed_at = clock_timestamp(),
      failing_for = ${failingFor},
      status = case when ${reason} is null then w.status else 'disabled' end,
      disabled_reason = coalesce(${reason}, w.disabled_reason),
      disabled_at = case when ${reason} is null then w.disabled_at else clock_timestamp() end
    from settled s
    where w.id = s.webhook_id and w.status = 'enabled'
      and (w.failed_at is null or w.failed_at < clock_timestamp() - interval '1 minute' or ${reason} is not null)
    returning w.disabled_reason as reason, w.status = 'disabled' as disabled
  ),
  done as (
    delete from outbox
    where (${$.status} <> 'queued' or ${$.dropJob}) and payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from settled)
  ),
  own_jobs as (${ownJobs(sql`settled w where ${$.status} = 'queued' and not ${$.dropJob}`)}),
  fact as (select array[reason] as outcomes, '{}'::jsonb as patch from endpoint where disabled),
  ${appendEvents($.events, 'fact')}
  select coalesce((select disabled from endpoint), false) as disabled from settled`;
});
