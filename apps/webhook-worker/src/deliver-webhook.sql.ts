import type { LogRow } from '#audit-events';
import { deliveriesInJob } from '#contracts';
import { batchStatement, loggedEventColumns, ownJobs, sql, statement, type Nothing } from '#persistence';

/** How long an attempt owns its delivery: 15 s at the endpoint and 15 s to write down its end must fit in. */
const leaseSeconds = 40;

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

/** Until a time. */
const milliseconds = (from: string) => sql`(extract(epoch from (${from} - clock_timestamp())) * 1000)::float8`;
const leaseIsFree = sql`(d.lease_until is null or d.lease_until < clock_timestamp())`;

interface OfDelivery {
  readonly delivery_id: string;
}

export const readStanding = batchStatement<Standing, OfDelivery>(
  'webhook-delivery-standing',
  { delivery_id: 'text' },
  (asked) => sql`with ${asked}
  select asked.n, d.tenant_id as "tenantId", d.webhook_id as "webhookId",
    d.status = 'queued' as open,
    coalesce(w.status = 'enabled', false) as enabled,
    w.failing_since is not null as failing,
    coalesce(${milliseconds('d.lease_until')}, 0) as "leaseMs",
    ${milliseconds('d.next_attempt_at')} as "dueMs"
  from asked join webhook_delivery d on d.id = asked.delivery_id left join webhook w on w.id = d.webhook_id`,
  deliveriesInJob,
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

/**
 * It waits for nobody: what another process has in hand is passed over. The delivery's job ends with it, where it has one of its
 * own: from now on its lease owns it.
 */
export const claim = batchStatement<Claimed, OfDelivery>(
  'webhook-delivery-claim',
  { delivery_id: 'text' },
  (asked) => sql`with ${asked},
  free as (
    select d.id, d.webhook_id from webhook_delivery d
    where d.id in (select delivery_id from asked)
      and d.status = 'queued' and ${leaseIsFree} and d.next_attempt_at <= clock_timestamp()
    for no key update skip locked
  ),
  claimed as (
    update webhook_delivery d
    set fence = d.fence + 1, attempts = d.attempts + 1, lease_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    from free join webhook w on w.id = free.webhook_id
    where d.id = free.id and w.status = 'enabled'
    returning d.id, d.tenant_id, d.webhook_id, d.event_id, d.fence, w.url, w.secret_sealed,
      case when w.previous_secret_until > clock_timestamp() then w.previous_secret_sealed end as previous_secret_sealed
  ),
  begun as (
    insert into webhook_attempt (delivery_id, number) select id, fence from claimed
  ),
  done as (
    delete from outbox where payload ->> 'deliveryId' = any (array(select id from claimed))
  )
  -- Of two calls for the same one, one has it.
  select (select min(asked.n) from asked where asked.delivery_id = c.id) as n,
    c.id as "deliveryId", c.webhook_id as "webhookId", c.tenant_id as "ofTenant", c.fence as number, c.url,
    c.secret_sealed as "secretSealed", c.previous_secret_sealed as "previousSecretSealed", clock_timestamp() as "startedAt",
    case when c.fence = 1 then 0 else coalesce((
      select -${milliseconds('min(a.started_at)')} from webhook_attempt a where a.delivery_id = c.id
    ), 0) end as "ageMs",
    ${loggedEventColumns}
  from claimed c
    left join audit_entry n on n.event_id = c.event_id and n.tenant_id = c.tenant_id
    left join event e on e.id = n.event_id and e.tenant_id = n.tenant_id`,
  deliveriesInJob,
);

/** Ends the job of deliveries that came together: each of them is claimed, has a job of its own or waits for one. */
export const endGroup = batchStatement<object, { group_id: string }>(
  'webhook-delivery-end-group',
  { group_id: 'text' },
  (asked) => sql`with ${asked},
  done as (delete from outbox where id in (select group_id from asked))
  select n from asked`,
);

interface PutOff extends OfDelivery {
  readonly wait_ms: number;
  readonly drop_job: boolean;
}

/** Puts a delivery off whose endpoint has no room, with a job of its own unless that is dropped; that is no attempt. What another process has in hand is passed over. */
export const putOff = batchStatement<object, PutOff>(
  'webhook-delivery-put-off',
  { delivery_id: 'text', wait_ms: 'float8', drop_job: 'bool' },
  (asked) => sql`with ${asked},
  free as (
    select d.id from webhook_delivery d
    where d.id in (select delivery_id from asked) and d.status = 'queued' and ${leaseIsFree}
    for no key update skip locked
  ),
  put_off as (
    update webhook_delivery d set next_attempt_at = clock_timestamp() + asked.wait_ms * interval '1 millisecond'
    from free join asked on asked.delivery_id = free.id
    where d.id = free.id
    returning d.id, d.tenant_id, d.fence, d.next_attempt_at, asked.n, asked.drop_job
  ),
  done as (
    delete from outbox where payload ->> 'deliveryId' = any (array(select id from put_off where drop_job))
  ),
  own_jobs as (${ownJobs('put_off w where not w.drop_job')})
  select n from put_off`,
  deliveriesInJob,
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
