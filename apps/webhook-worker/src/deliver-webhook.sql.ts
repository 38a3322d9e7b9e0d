import type { LogRow } from '#audit-events';
import { appendEvents, loggedEventColumns, sql, statement, type Nothing } from '#persistence';

/** How long an attempt owns its delivery: 15 s at the endpoint and 15 s to write down its end must fit in. */
const leaseSeconds = 40;

/** Error of an attempt whose process died, or was too slow to say how it ended. */
const workerLost = 'worker-lost';

export interface Standing {
  readonly tenantId: string;
  readonly webhookId: string;
  readonly open: boolean;
  /** False where its endpoint is disabled or deleted. */
  readonly enabled: boolean;
  /** Whether the last attempt at its endpoint failed. */
  readonly failing: boolean;
  /** Until the lease ends and the next attempt is due; not above 0 where neither holds it back. */
  readonly leaseMs: number;
  readonly dueMs: number;
}

const milliseconds = (from: string) => sql`(extract(epoch from (${from} - clock_timestamp())) * 1000)::float8`;
const leaseIsFree = sql`(d.lease_until is null or d.lease_until < clock_timestamp())`;

export const readStanding = statement<Standing, { deliveryId: string }>(
  'webhook-delivery-standing',
  ($) => sql`select d.tenant_id as "tenantId", d.webhook_id as "webhookId",
    d.status = 'queued' as open,
    coalesce(w.status = 'enabled', false) as enabled,
    w.failing_since is not null as failing,
    coalesce(${milliseconds('d.lease_until')}, 0) as "leaseMs",
    ${milliseconds('d.next_attempt_at')} as "dueMs"
  from webhook_delivery d left join webhook w on w.id = d.webhook_id
  where d.id = ${$.deliveryId}`,
);

interface ClaimedDelivery {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly ofTenant: string;
  /** Of the attempt: the delivery's fence. */
  readonly number: number;
  readonly url: string;
  readonly secretSealed: Buffer;
  /** Null where no secret signs beside the other any more. */
  readonly previousSecretSealed: Buffer | null;
  /** Time of the database. */
  readonly startedAt: Date;
  /** Since the first attempt. */
  readonly ageMs: number;
}
/** With its event, where that is still in the log. */
export type Claimed = ClaimedDelivery & (Omit<LogRow, 'eventKeySealed'> | { readonly id: null });

/** What an attempt before it left open is closed by `settle`. */
export const claim = statement<Claimed, { deliveryId: string }>(
  'webhook-delivery-claim',
  ($) => sql`with claimed as (
    update webhook_delivery d
    set fence = d.fence + 1, attempts = d.attempts + 1, lease_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    from webhook w
    where d.id = ${$.deliveryId} and w.id = d.webhook_id and w.status = 'enabled'
      and d.status = 'queued' and ${leaseIsFree} and d.next_attempt_at <= clock_timestamp()
    returning d.id, d.tenant_id, d.webhook_id, d.event_id, d.fence, w.url, w.secret_sealed,
      case when w.previous_secret_until > clock_timestamp() then w.previous_secret_sealed end as previous_secret_sealed
  ),
  begun as (
    insert into webhook_attempt (delivery_id, number) select id, fence from claimed
  )
  select c.id as "deliveryId", c.webhook_id as "webhookId", c.tenant_id as "ofTenant", c.fence as number, c.url,
    c.secret_sealed as "secretSealed", c.previous_secret_sealed as "previousSecretSealed", clock_timestamp() as "startedAt",
    coalesce((
      select -${milliseconds('min(a.started_at)')} from webhook_attempt a where a.delivery_id = c.id
    ), 0) as "ageMs",
    ${loggedEventColumns}
  from claimed c
    left join audit_entry n on n.event_id = c.event_id and n.tenant_id = c.tenant_id
    left join event e on e.id = n.event_id and e.tenant_id = n.tenant_id`,
);

/** How an attempt ended. */
export interface Ending {
  readonly deliveryId: string;
  readonly number: number;
  /** What the delivery becomes by it: `queued`, `delivered` or `failed`. */
  readonly status: string;
  readonly httpStatus: number | null;
  readonly error: string | null;
  readonly durationMs: number;
  /** Until the next attempt. */
  readonly waitMs: number;
  /** Whether its job ends although it waits. */
  readonly dropJob: boolean;
  /** So long an endpoint may take nothing, until it is disabled. */
  readonly patienceMs: number;
  /** `webhook.disabled` for each reason. */
  readonly events: string;
}

export interface Settled {
  /** Until the next attempt. */
  readonly dueMs: number;
  /** Whether the endpoint was disabled by it. */
  readonly disabled: boolean;
}

/**
 * Writes down how an attempt ended, what the delivery becomes by it, and how the endpoint fares. That the endpoint took it
 * counts whoever owns the delivery by now; any other end only until the next attempt begins.
 */
export const settle = statement<Settled, Ending>('webhook-delivery-settle', ($) => {
  const taken = sql`(${$.status} = 'delivered')`;
  const reason = sql`case when ${taken} then null when ${$.httpStatus}::int = 410 then 'gone'
      when w.failing_since <= clock_timestamp() - ${$.patienceMs}::float8 * interval '1 millisecond' then 'failing' end`;
  return sql`with settled as (
    update webhook_delivery d set
      status = ${$.status},
      lease_until = null,
      next_attempt_at = case when ${$.status} = 'queued'
        then clock_timestamp() + ${$.waitMs}::float8 * interval '1 millisecond' else d.next_attempt_at end,
      last_http_status = ${$.httpStatus},
      last_error = ${$.error},
      ended_at = case when ${$.status} <> 'queued' then clock_timestamp() end
    where d.id = ${$.deliveryId} and (d.status = 'queued' and d.fence = ${$.number} or ${taken} and d.status <> 'delivered')
    returning d.webhook_id, ${milliseconds('d.next_attempt_at')} as due_ms
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
  -- Its row is left alone while it fares as before: all its deliveries would wait for each other.
  endpoint as (
    update webhook w set
      failing_since = case when ${taken} then null else coalesce(w.failing_since, clock_timestamp()) end,
      status = case when ${reason} is null then w.status else 'disabled' end,
      disabled_reason = coalesce(${reason}, w.disabled_reason),
      disabled_at = case when ${reason} is null then w.disabled_at else clock_timestamp() end
    from settled s
    where w.id = s.webhook_id and w.status = 'enabled' and (${taken} <> (w.failing_since is null) or ${reason} is not null)
    returning w.disabled_reason as reason, w.status = 'disabled' as disabled
  ),
  done as (
    delete from outbox
    where (${$.status} <> 'queued' or ${$.dropJob}) and payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from settled)
  ),
  fact as (select array[reason] as outcomes, '{}'::jsonb as patch from endpoint where disabled),
  ${appendEvents($.events, 'fact')}
  select due_ms as "dueMs", coalesce((select disabled from endpoint), false) as disabled from settled`;
});

/** Puts a delivery off whose endpoint has no room; that is no attempt. */
export const putOff = statement<Nothing, { deliveryId: string; waitMs: number; dropJob: boolean }>(
  'webhook-delivery-put-off',
  ($) => sql`with put_off as (
    update webhook_delivery d set next_attempt_at = clock_timestamp() + ${$.waitMs}::float8 * interval '1 millisecond'
    where d.id = ${$.deliveryId} and d.status = 'queued' and ${leaseIsFree}
    returning d.id
  )
  delete from outbox
  where ${$.dropJob} and payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from put_off)`,
);

export const dropJob = statement<Nothing, { deliveryId: string }>(
  'webhook-delivery-drop-job',
  ($) => sql`delete from outbox where payload ->> 'deliveryId' = ${$.deliveryId}`,
);

const cancel = (which: string) => sql`with canceled as (
    update webhook_delivery d set status = 'canceled', lease_until = null, ended_at = clock_timestamp()
    where d.id in (${which}) and d.status = 'queued'
      and not exists (select from webhook w where w.id = d.webhook_id and w.status = 'enabled')
    returning d.id
  ),
  done as (
    delete from outbox o using canceled where o.payload ->> 'deliveryId' = canceled.id
  )
  select id from canceled`;

/** Ends a delivery whose endpoint is disabled or deleted. */
export const cancelDelivery = statement<{ id: string }, { deliveryId: string }>('webhook-delivery-cancel', ($) =>
  cancel(sql`${$.deliveryId}`),
);

/** Ends those that wait for an endpoint that is disabled. What somebody holds is left to them: it ends when its turn comes. */
export const cancelWaiting = statement<{ id: string }, { webhookId: string; limit: number }>(
  'webhook-deliveries-cancel-waiting',
  ($) =>
    cancel(sql`select d.id from webhook_delivery d
      where d.webhook_id = ${$.webhookId} and d.status = 'queued' and ${leaseIsFree}
      order by d.next_attempt_at limit ${$.limit} for update skip locked`),
);
