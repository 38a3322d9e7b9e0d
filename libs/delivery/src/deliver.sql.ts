import { appendEvents, noOutcomes, sql, statement, type Nothing } from '#persistence';

/** How long an attempt owns its delivery. Waiting for its answer and writing down the outcome must fit in: 5 s + 15 s. */
const leaseSeconds = 30;

/**
 * Attempts of one delivery whose end nobody knows, at most: each may have sent. So many where processes die; of an SMS
 * whose provider leaves it open no more than two, since each may be paid for.
 */
const mostInDoubt = 4;
const mostSmsInDoubt = 2;

/** Error of an attempt whose process died, or was too slow to say how it ended. */
const workerLost = 'worker-lost';

/** What is known of a delivery besides its secrets. */
export interface Delivery {
  readonly id: string;
  readonly tenantId: string;
  /** Our id of the user; null where it is for nobody of the panel's users, and so are the next two. */
  readonly userId: string | null;
  readonly deviceId: string | null;
  readonly challengeId: string | null;
  readonly channel: string;
  readonly kind: string;
  readonly requestId: string | null;
  readonly fence: number;
  /** The panel's own ids. */
  readonly accountExternalId: string | null;
  readonly userExternalId: string | null;
}

export interface Claimed extends Delivery {
  readonly payloadSealed: Buffer | null;
  /** What is left of its life, and the whole of it. */
  readonly lifeMs: number;
  readonly spanMs: number;
  /** Attempts before this one that may have sent. */
  readonly inDoubt: number;
}

export interface Standing extends Delivery {
  readonly open: boolean;
  readonly expired: boolean;
  /** Whether one message more would be one too many. */
  readonly exhausted: boolean;
  /** Until the lease ends and the next attempt is due; not above 0 where neither holds it back. */
  readonly leaseMs: number;
  readonly dueMs: number;
}

/** How an attempt ended. */
export interface Ending {
  readonly deliveryId: string;
  /** Of the attempt: the delivery's fence. */
  readonly number: number;
  /** What the delivery becomes by it. */
  readonly status: string;
  readonly provider: string;
  readonly outcome: string;
  readonly reference: string | null;
  readonly error: string | null;
  readonly price: string | null;
  /** Until the next attempt. */
  readonly waitMs: number | null;
  readonly events: string;
  /** The price without its currency. */
  readonly cost: string | null;
}

export interface Settled {
  readonly status: string;
  readonly dueMs: number;
}

const columns = sql`
  d.id, d.tenant_id as "tenantId", d.user_id as "userId", d.device_id as "deviceId", d.challenge_id as "challengeId",
  d.channel, d.kind, d.request_id as "requestId", d.fence,
  (select a.external_id from app_user u join account a on a.id = u.account_id where u.id = d.user_id) as "accountExternalId",
  (select u.external_id from app_user u where u.id = d.user_id) as "userExternalId"`;
const milliseconds = (from: string, until = 'clock_timestamp()') =>
  sql`(extract(epoch from (${from} - ${until})) * 1000)::float8`;

// Asked of a delivery without a lease: an attempt without an outcome is one whose process died.
const inDoubt = sql`from delivery_attempt t where t.delivery_id = d.id and (t.outcome is null or t.outcome = 'unknown')`;
// Most are tried once: a first attempt looks at none before it (420 µs of the database a claim with the look, 280 without).
const mayBeTried = sql`(d.fence = 0 or (
  select count(*) < ${mostInDoubt} and (d.channel <> 'sms'
    or count(*) filter (where t.outcome = 'unknown' and t.error is distinct from '${workerLost}') < ${mostSmsInDoubt})
  ${inDoubt}))`;

const loseAttempts = (deliveryId: string, gate: string) => sql`
  update delivery_attempt set outcome = 'unknown', error = '${workerLost}', ended_at = clock_timestamp()
  where delivery_id = ${deliveryId} and outcome is null and exists (select from ${gate})`;

/** What an attempt before it left open is closed by `settle`, or by the delivery's end. */
export const claim = statement<Claimed, { deliveryId: string; provider: string }>(
  'delivery-claim',
  ($) => sql`with claimed as (
    update delivery d
    set status = 'sending', fence = d.fence + 1, lease_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    where d.id = ${$.deliveryId} and d.status in ('queued', 'sending') and (d.lease_until is null or d.lease_until < clock_timestamp())
      and d.next_attempt_at <= clock_timestamp() and d.expires_at > clock_timestamp() and ${mayBeTried}
    returning ${columns}, d.payload_sealed as "payloadSealed", ${milliseconds('d.expires_at')} as "lifeMs",
      ${milliseconds('d.expires_at', 'd.created_at')} as "spanMs",
      case when d.fence > 1 then (select count(*) ${inDoubt}) else 0 end as "inDoubt"
  ),
  begun as (
    insert into delivery_attempt (delivery_id, number, provider) select id, fence, ${$.provider} from claimed
  )
  select * from claimed`,
);

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

/**
 * Writes down how an attempt ended, and what the delivery becomes by it: `status`.
 *
 * A message that was taken ends its delivery, whoever holds it by now. Any other outcome counts only until the next
 * attempt begins. Nothing is called `failed` that may have been sent: it waits for its end, without its secrets.
 */
export const settle = statement<Settled, Ending>(
  'delivery-settle',
  ($) => sql`with earlier as (
    select case
      when ${$.status} = 'failed' and exists (
        select from delivery_attempt
        where delivery_id = ${$.deliveryId} and number <> ${$.number} and (outcome is null or outcome = 'unknown')) then 'sending'
      else ${$.status} end as status
  ),
  settled as (
    update delivery d set
      status = earlier.status,
      lease_until = null,
      payload_sealed = case when ${$.status} in ('queued', 'sending') then d.payload_sealed end,
      next_attempt_at = case
        when ${$.status} in ('queued', 'sending')
          then least(clock_timestamp() + ${$.waitMs}::float8 * interval '1 millisecond', d.expires_at)
        when earlier.status = 'sending' then d.expires_at
        else d.next_attempt_at end,
      provider = ${$.provider},
      provider_reference = ${$.reference},
      error = ${$.error},
      sent_at = case when ${$.status} = 'sent' then clock_timestamp() end,
      ended_at = case when earlier.status = 'failed' then clock_timestamp() end
    from earlier
    where d.id = ${$.deliveryId} and d.status in ('queued', 'sending')
      and (${$.status} = 'sent' or (d.fence = ${$.number} and d.status = 'sending'))
    returning d.id, d.status, ${milliseconds('d.next_attempt_at')} as "dueMs"
  ),
  -- With it, those before it that told no end.
  attempt as (
    update delivery_attempt set
      ended_at = clock_timestamp(),
      outcome = case when number = ${$.number} then ${$.outcome} else 'unknown' end,
      error = case when number = ${$.number} then ${$.error} else '${workerLost}' end,
      provider_reference = case when number = ${$.number} then ${$.reference} end,
      price = case when number = ${$.number} then ${$.price} end
    where delivery_id = ${$.deliveryId}
      and (number = ${$.number} and outcome is distinct from 'sent' or number < ${$.number} and outcome is null)
    returning delivery_id, number
  ),
  -- Every message that was taken costs, a repeat too. In parts, so that deliveries of a tenant do not wait for each other.
  spent as (
    insert into sms_spend as s (tenant_id, day, part, messages, cost)
    select d.tenant_id, (now() at time zone 'UTC')::date, floor(random() * 8), 1, coalesce(${$.cost}::numeric, 0)
    from attempt a join delivery d on d.id = a.delivery_id
    where a.number = ${$.number} and ${$.outcome} = 'sent' and d.channel = 'sms'
    on conflict (tenant_id, day, part) do update set messages = s.messages + 1, cost = s.cost + excluded.cost
  ),
  done as (
    delete from outbox
    where ${$.status} in ('sent', 'failed') and payload ->> 'deliveryId' = ${$.deliveryId} and exists (select from settled)
  ),
  fact as (select array[status] as outcomes, '{}'::jsonb as patch from settled),
  ${appendEvents($.events, 'fact')}
  select status, "dueMs" from settled`,
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
