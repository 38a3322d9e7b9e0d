import {
  deliveryPayloadSchema,
  deliveryRow,
  type DeliveryChannel,
  type DeliveryPayload,
  type OutgoingMessage,
  type SendResult,
} from '#contracts';
import {
  appendEvents,
  event,
  eventsParameter,
  isConnectionFault,
  noOutcomes,
  statement,
  UnsealError,
  type Database,
  type NewEvent,
  type Sealer,
} from '#persistence';
import type { Logger } from '#runtime';
import { mailFor, smsFor } from './words.js';

/**
 * Tries of one delivery, those included that never told how they ended. So nobody gets more than five messages of one
 * delivery, whatever crashes.
 */
const maxAttempts = 5;

/** How long an attempt owns its delivery. Sending and writing down the outcome must fit in: 10 s + 15 s. */
const leaseSeconds = 30;
const sendMs = 10_000;
const settleMs = 15_000;

/** Pause after the first passing fault; it doubles with every further one: 2, 4, 8, 16 s. */
const firstPauseMs = 2000;
/** Spread of the pauses, so that what failed together is not repeated together. */
const jitter = 0.25;

export interface DeliverParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly channel: DeliveryChannel;
  readonly logger: Logger;
}

/** What is known of a delivery besides its secrets. */
interface Delivery {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly deviceId: string | null;
  readonly challengeId: string | null;
  readonly channel: string;
  readonly kind: string;
  readonly requestId: string | null;
  readonly fence: number;
  /** The panel's own ids. */
  readonly accountExternalId: string;
  readonly userExternalId: string;
}

interface Claimed extends Delivery {
  readonly payloadSealed: Buffer | null;
  readonly lifeMs: number;
}

interface Standing extends Delivery {
  readonly open: boolean;
  readonly expired: boolean;
  /** Until the lease ends and the next attempt is due; not above 0 where neither holds it back. */
  readonly leaseMs: number;
  readonly dueMs: number;
}

const columns = `
  d.id, d.tenant_id as "tenantId", d.user_id as "userId", d.device_id as "deviceId", d.challenge_id as "challengeId",
  d.channel, d.kind, d.request_id as "requestId", d.fence,
  a.external_id as "accountExternalId", u.external_id as "userExternalId"`;
const milliseconds = (from: string) => `(extract(epoch from (${from} - clock_timestamp())) * 1000)::float8`;

// An earlier attempt that told no outcome belongs to a process that died or was too slow: it may have sent.
const claim = statement(
  'delivery-claim',
  `with claimed as (
    update delivery d
    set status = 'sending', fence = d.fence + 1, lease_until = clock_timestamp() + interval '${leaseSeconds} seconds'
    from app_user u
    join account a on a.id = u.account_id
    where d.id = $1 and u.id = d.user_id
      and d.status in ('queued', 'sending') and (d.lease_until is null or d.lease_until < clock_timestamp())
      and d.next_attempt_at <= clock_timestamp() and d.expires_at > clock_timestamp() and d.fence < ${maxAttempts}
    returning ${columns}, d.payload_sealed as "payloadSealed", ${milliseconds('d.expires_at')} as "lifeMs"
  ),
  lost as (
    update delivery_attempt set outcome = 'unknown', ended_at = clock_timestamp()
    where delivery_id = $1 and outcome is null and exists (select from claimed)
  ),
  begun as (
    insert into delivery_attempt (delivery_id, number, provider) select id, fence, $2 from claimed
  )
  select * from claimed`,
);

const readStanding = statement(
  'delivery-standing',
  `select ${columns},
    d.status in ('queued', 'sending') as open,
    d.expires_at <= clock_timestamp() as expired,
    coalesce(${milliseconds('d.lease_until')}, 0) as "leaseMs",
    ${milliseconds('d.next_attempt_at')} as "dueMs"
  from delivery d
  join app_user u on u.id = d.user_id
  join account a on a.id = u.account_id
  where d.id = $1`,
);

const dropJob = statement('delivery-drop-job', `delete from outbox where payload ->> 'deliveryId' = $1`);

// The attempt's own outcome is written even where the fence has gone on: that is how duplicates are counted.
const settle = statement(
  'delivery-settle',
  `with settled as (
    update delivery set
      status = $3,
      lease_until = null,
      payload_sealed = case when $3 = 'queued' then payload_sealed end,
      next_attempt_at = case when $3 = 'queued'
        then least(clock_timestamp() + $9::float8 * interval '1 millisecond', expires_at)
        else next_attempt_at end,
      provider = $4,
      provider_reference = $6,
      error = $7,
      sent_at = case when $3 = 'sent' then clock_timestamp() end,
      ended_at = case when $3 = 'failed' then clock_timestamp() end
    where id = $1 and fence = $2 and status = 'sending'
    returning id, ${milliseconds('next_attempt_at')} as "dueMs"
  ),
  attempt as (
    update delivery_attempt
    set outcome = $5, ended_at = clock_timestamp(), provider_reference = $6, error = $7, price = $8
    where delivery_id = $1 and number = $2
    returning delivery_id
  ),
  -- Every message that was taken costs, a repeat too. In parts, so that deliveries of a tenant do not wait for each other.
  spent as (
    insert into sms_spend as s (tenant_id, day, part, messages, cost)
    select d.tenant_id, (now() at time zone 'UTC')::date, floor(random() * 8), 1, coalesce($11::numeric, 0)
    from attempt a join delivery d on d.id = a.delivery_id where $5 = 'sent' and d.channel = 'sms'
    on conflict (tenant_id, day, part) do update set messages = s.messages + 1, cost = s.cost + excluded.cost
  ),
  done as (
    delete from outbox
    where $3 <> 'queued' and payload ->> 'deliveryId' = $1 and exists (select from settled)
  ),
  fact as (select ${noOutcomes} from settled),
  ${appendEvents('$10', 'fact')}
  select "dueMs" from settled`,
);

// For what can't be claimed any more: its code is dead, or its attempts are used up.
const giveUp = statement(
  'delivery-give-up',
  `with ended as (
    update delivery
    set status = $3, error = $4, payload_sealed = null, lease_until = null, ended_at = clock_timestamp()
    where id = $1 and fence = $2 and status in ('queued', 'sending')
      and (lease_until is null or lease_until < clock_timestamp())
    returning id
  ),
  lost as (
    update delivery_attempt set outcome = 'unknown', ended_at = clock_timestamp()
    where delivery_id = $1 and outcome is null and exists (select from ended)
  ),
  done as (
    delete from outbox where payload ->> 'deliveryId' = $1 and exists (select from ended)
  ),
  fact as (select ${noOutcomes} from ended),
  ${appendEvents('$5', 'fact')}
  select id from ended`,
);

/**
 * Takes one delivery a step further: claims it, sends, writes down the outcome. Any number of processes may call it for
 * the same delivery at any time; the lease lets one of them send.
 *
 * At least once, with the same code and the same reference: a process that dies between sending and writing leaves a
 * delivery that is sent again when its lease ends. That is at most 5 times, and each has its row in `delivery_attempt`.
 *
 * @returns when to call again, by this process's clock; nothing where there is no more to do
 * @throws where the database can't be reached: call again later
 */
export async function deliver(parts: DeliverParts, deliveryId: string): Promise<void | { retryAt: Date }> {
  const { database, channel } = parts;
  const claimed = await database.one<Claimed>(claim, [deliveryId, channel.name]);
  if (!claimed) return standStill(parts, deliveryId);
  const result = await attempt(parts, claimed);
  return writeDown(parts, claimed, result);
}

/** What to do with a delivery that could not be claimed. */
async function standStill(parts: DeliverParts, deliveryId: string): Promise<void | { retryAt: Date }> {
  const { database, logger } = parts;
  const delivery = await database.one<Standing>(readStanding, [deliveryId]);
  if (!delivery?.open) {
    // Ended, or erased with its user.
    await database.query(dropJob, [deliveryId]);
    return undefined;
  }
  if (delivery.leaseMs > 0) return later(delivery.leaseMs);
  const exhausted = delivery.fence >= maxAttempts;
  if (!delivery.expired && !exhausted) return later(delivery.dueMs);

  const status = delivery.expired ? 'expired' : 'failed';
  const error = delivery.expired ? null : 'attempts-used-up';
  const fact = delivery.expired
    ? codeEvent(delivery, 'code.expired')
    : codeEvent(delivery, 'code.failed', { error: 'attempts-used-up' });
  const ended = await database.one(giveUp, [
    delivery.id,
    delivery.fence,
    status,
    error,
    eventsParameter(contextOf(delivery), fact),
  ]);
  // Another process came first: look again.
  if (!ended) return later(0);
  logger.info({ ...logged(delivery), status, error }, 'delivery given up');
  return undefined;
}

async function attempt(parts: DeliverParts, claimed: Claimed): Promise<SendResult> {
  const { channel, logger } = parts;
  const prepared = prepare(parts, claimed);
  if ('outcome' in prepared) return prepared;
  const signal = AbortSignal.timeout(Math.max(1, Math.min(sendMs, Math.floor(claimed.lifeMs))));
  try {
    return await endedBy(signal, channel.send(prepared, signal));
  } catch (error) {
    if (signal.aborted) return { outcome: 'transient', error: 'timeout' };
    // Neither its words nor its fields: a provider's error may quote the message.
    const type = error instanceof Error ? error.name : typeof error;
    logger.warn({ ...logged(claimed), provider: channel.name, type }, 'a channel failed without a result');
    return { outcome: 'transient', error: 'channel-error' };
  }
}

/** The message, or why there is none. */
function prepare({ sealer, logger }: DeliverParts, claimed: Claimed): OutgoingMessage | SendResult {
  if (!claimed.payloadSealed) return { outcome: 'permanent', error: 'payload-missing' };
  let payload: DeliveryPayload;
  try {
    const row = deliveryRow(claimed.tenantId, claimed.deviceId, claimed.id);
    payload = deliveryPayloadSchema.parse(JSON.parse(sealer.openText('delivery', row, claimed.payloadSealed)));
  } catch (error) {
    if (!(error instanceof UnsealError)) return { outcome: 'permanent', error: 'payload-invalid' };
    // A key that is missing here may be in place at the next try.
    logger.error({ ...logged(claimed), err: error }, 'a delivery does not open');
    return { outcome: 'transient', error: 'payload-does-not-open' };
  }
  const address = {
    deliveryId: claimed.id,
    to: payload.to,
    // By this process's clock, like everything that a channel measures it with.
    expiresAt: new Date(Date.now() + claimed.lifeMs),
  };
  const words = claimed.channel === 'email' ? mailFor(payload) : smsFor(payload);
  return words === undefined ? { outcome: 'permanent', error: 'no-words' } : { ...address, ...words };
}

async function writeDown(parts: DeliverParts, claimed: Claimed, said: SendResult): Promise<void | { retryAt: Date }> {
  const { channel, logger } = parts;
  const result = said.outcome === 'sent' ? said : { ...said, error: shortName(said.error) };
  const error = result.outcome === 'sent' ? null : result.error;
  const again = result.outcome === 'transient' && claimed.fence < maxAttempts;
  const status = result.outcome === 'sent' ? 'sent' : again ? 'queued' : 'failed';
  const provider = channel.name;
  const facts =
    result.outcome === 'sent'
      ? codeEvent(claimed, 'code.sent', { provider })
      : again
        ? []
        : codeEvent(claimed, 'code.failed', { error: result.error });
  const values = [
    claimed.id,
    claimed.fence,
    status,
    provider,
    result.outcome,
    result.outcome === 'sent' ? result.reference : null,
    error,
    result.outcome === 'sent' ? result.price : null,
    pauseMs(claimed.fence),
    eventsParameter(contextOf(claimed), facts),
    result.outcome === 'sent' ? amountOf(result.price) : null,
  ];
  const settled = await settleInLease(parts.database, values);
  const level = result.outcome === 'sent' ? 'info' : 'warn';
  logger[level](
    { ...logged(claimed), provider, outcome: result.outcome, error, fencedOut: settled === undefined },
    'delivery attempted',
  );
  // Fenced out, or settled by a call whose answer was lost: either way the row knows what is next.
  if (!settled) return standStill(parts, claimed.id);
  return status === 'queued' ? later(settled.dueMs) : undefined;
}

/**
 * Writes the outcome, through short absences of the database: what has been sent and is not written down is sent again.
 * Repeating it is harmless, since the first one takes the delivery out of `sending`.
 */
async function settleInLease(database: Database, values: readonly unknown[]): Promise<{ dueMs: number } | undefined> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    try {
      return await database.one<{ dueMs: number }>(settle, values);
    } catch (error) {
      if (!isConnectionFault(error) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** The promise's result, or the signal's reason if that comes first. */
async function endedBy<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
    // A channel that fails after its time is up has nobody to tell.
    promise.catch(() => undefined);
  }
}

/** What a channel calls an error is kept, logged and published only if it looks like a name of ours. */
function shortName(error: string): string {
  return /^[a-z][a-z0-9_-]{0,63}$/.test(error) ? error : 'provider-error';
}

/** A price as a number, where the provider told one that is. */
function amountOf(price: string | null): string | null {
  return price !== null && /^\d{1,8}(\.\d{1,8})?$/.test(price) ? price : null;
}

function pauseMs(attempts: number): number {
  return firstPauseMs * 2 ** (attempts - 1) * (1 - jitter + 2 * jitter * Math.random());
}

/** The queue waits by this process's clock, so a difference of clocks must not become a difference of waiting. */
function later(ms: number): { retryAt: Date } {
  // At least a moment: a row that has just changed is looked at again, but not in a busy loop.
  return { retryAt: new Date(Date.now() + Math.max(20, Math.ceil(ms))) };
}

type CodeEvent = 'code.sent' | 'code.failed' | 'code.expired';

/** Events tell of codes; notices have none. */
function codeEvent(delivery: Delivery, name: CodeEvent, more: { provider?: string; error?: string } = {}): NewEvent[] {
  if (delivery.kind !== 'code' || delivery.deviceId === null) return [];
  const method = delivery.channel as 'sms' | 'email';
  const { id: deliveryId, deviceId, challengeId, fence: attempts } = delivery;
  const data = { deliveryId, deviceId, method, attempts, ...(challengeId === null ? {} : { challengeId }), ...more };
  return [event(name, data)];
}

function contextOf(delivery: Delivery) {
  return {
    tenantId: delivery.tenantId,
    accountId: delivery.accountExternalId,
    userId: delivery.userExternalId,
    userRef: delivery.userId,
    requestId: delivery.requestId,
    by: null,
  };
}

function logged(delivery: Delivery) {
  return { deliveryId: delivery.id, requestId: delivery.requestId, attempt: delivery.fence };
}
