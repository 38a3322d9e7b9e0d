import { setTimeout as sleep } from 'node:timers/promises';
import type { JobPayload } from '#contracts';
import { lookAgain, type Again } from '#messaging';
import { Batch, event, eventsParameter, writeDownPatiently, type Database } from '#persistence';
import { tracing, type Logger } from '#runtime';
import { composeMessage, type ComposeParts } from './compose-message.js';
import {
  cancelDelivery,
  cancelWaiting,
  claim,
  dropJob,
  endGroup,
  putOff as putOffDelivery,
  readStanding,
  type Claimed,
} from './deliver-webhook.sql.js';
import type { EndpointTurns, Turn } from './endpoint-turns.js';
import type { Answer, Message } from './post.js';
import { disabledAfterMs, pauseMs } from './retry-schedule.js';
import { settle, settleTaken, type Settled } from './settle-webhook.sql.js';
import { countAttempt } from './count-attempt.js';

/** A delivery that waits for longer leaves its queue, and the relay brings it back: queues grow with what is due alone. */
const longestInQueueMs = 60_000;

/** A shorter wait is not worth a row: whoever comes again too early is told to wait once more. */
const shortestInRowMs = 1000;

/** How long a job waits for its endpoint's turn while others may wait for the job's end. */
const longestHereMs = 1500;

/** How long an endpoint that asks for time is left alone as a whole; the delivery itself may wait longer. */
const longestClosedMs = 300_000;

/** Deliveries that one statement cancels. */
const cancelBatch = 500;

/** Nobody waits for a webhook as for a login: what comes within so many ms shares a statement, and one is under way at a time. */
const shared = { gatherMs: 5, atOnce: 1 };

/** What is asked of the database for each attempt, together with what others ask at the time. */
export class Asking {
  readonly standing;
  readonly claim;
  readonly putOff;
  readonly settleTaken;
  readonly endGroup;

  constructor(database: Database) {
    this.standing = new Batch(database, readStanding, shared);
    this.claim = new Batch(database, claim, shared);
    this.putOff = new Batch(database, putOffDelivery, shared);
    this.settleTaken = new Batch(database, settleTaken, shared);
    this.endGroup = new Batch(database, endGroup, shared);
  }
}

export interface DeliverParts extends ComposeParts {
  readonly database: Database;
  readonly asking: Asking;
  readonly logger: Logger;
  readonly turns: EndpointTurns;
  /** Makes one attempt; never throws. */
  readonly send: (message: Message) => Promise<Answer>;
  /** Has an attempt made that nobody waits for but who ends the process. */
  readonly begin: (attempt: () => Promise<void>) => void;
}

/**
 * Takes the delivery of an event to an endpoint a step further: claims it, and begins an attempt. Any number of processes
 * may call it for the same delivery at any time; the lease lets one of them post. What is claimed is owned by its lease and by no
 * job: one whose process dies in the middle is brought back when the lease is over, and the event is posted again with the same
 * id: at least once, never exactly once.
 *
 * @param inGroup of a job of several, which does not come again: what has to wait goes on by itself
 * @returns when to call again, by this process's clock; nothing where there is no more to do for now
 * @throws where the database can't be reached: call again later
 */
export async function deliverWebhook(
  parts: DeliverParts,
  deliveryId: string,
  inGroup = false,
): Promise<Again | undefined> {
  const { database, asking, turns } = parts;
  const [standing] = await asking.standing.ask({ delivery_id: deliveryId });
  if (!standing?.open) {
    if (!inGroup) await database.query(dropJob, { deliveryId });
    return undefined;
  }
  if (standing.leaseMs > 0) return lookAgain(standing.leaseMs);
  if (!standing.enabled) {
    await database.query(cancelDelivery, { deliveryId });
    return undefined;
  }
  // One that came with others has a job of its own since then, or the relay makes it one.
  if (standing.dueMs > 0) return inGroup ? undefined : wait(parts, deliveryId, standing.dueMs);
  // What changes meanwhile, the claim sees.
  for (const began = performance.now(); ;) {
    const turn = turns.take(standing);
    if (typeof turn !== 'number') return begin(parts, deliveryId, turn);
    if (turn >= shortestInRowMs || performance.now() - began + turn > longestHereMs)
      return inGroup ? putOff(parts, deliveryId, turn) : wait(parts, deliveryId, turn);
    await sleep(turn);
  }
}

/** As `deliverWebhook`, of deliveries that came together: each goes its own way. */
export async function deliverWebhooks(
  parts: DeliverParts,
  { groupId, deliveryIds }: Pick<JobPayload<'deliver-webhooks'>, 'groupId' | 'deliveryIds'>,
): Promise<void> {
  const ends = await Promise.allSettled(deliveryIds.map((deliveryId) => deliverWebhook(parts, deliveryId, true)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  await parts.asking.endGroup.ask({ group_id: groupId });
}

async function begin(parts: DeliverParts, deliveryId: string, turn: Turn): Promise<Again | undefined> {
  let claimed: Claimed | undefined;
  try {
    [claimed] = await parts.asking.claim.ask({ delivery_id: deliveryId });
  } finally {
    if (!claimed) turn.end();
  }
  // Another process came first, or its endpoint has just been disabled: look again.
  if (!claimed) return lookAgain(0);
  const mine = claimed;
  parts.begin(async () => {
    let how: Parameters<Turn['end']>[0] = {};
    try {
      const began = performance.now();
      const answer = await traced(mine, () => attempt(parts, mine));
      how = { closedMs: Math.min(answer.retryAfterMs, longestClosedMs), failed: answer.error !== null };
      await writeDown(parts, mine, answer, Math.round(performance.now() - began));
    } catch (error) {
      parts.logger.error(
        { ...logged(mine), err: error },
        'how a webhook attempt ended is not written down: it is made again',
      );
    } finally {
      turn.end(how);
    }
  });
  return undefined;
}

async function wait(parts: DeliverParts, deliveryId: string, waitMs: number): Promise<Again | undefined> {
  return waitMs < shortestInRowMs ? lookAgain(waitMs) : putOff(parts, deliveryId, waitMs);
}

async function putOff({ asking }: DeliverParts, deliveryId: string, waitMs: number): Promise<Again | undefined> {
  const isLong = waitMs > longestInQueueMs;
  await asking.putOff.ask({ delivery_id: deliveryId, wait_ms: waitMs, drop_job: isLong });
  return isLong ? undefined : lookAgain(waitMs);
}

async function traced(claimed: Claimed, send: () => Promise<Answer>): Promise<Answer> {
  const facts = {
    'sallyport.tenant_id': claimed.ofTenant,
    'sallyport.webhook_id': claimed.webhookId,
    'sallyport.delivery_id': claimed.deliveryId,
    'sallyport.attempt': claimed.number,
  };
  const span = tracing()?.begin({ name: 'send webhook', kind: 'client', facts });
  if (!span) return send();
  const answer = await span.within(send);
  span.add({ 'http.response.status_code': answer.httpStatus });
  span.end(answer.error ?? undefined);
  return answer;
}

async function attempt(parts: DeliverParts, claimed: Claimed): Promise<Answer> {
  const failed = (error: string) => ({ httpStatus: null, error, retryAfterMs: 0 });
  try {
    const message = composeMessage(parts, claimed);
    return typeof message === 'string' ? failed(message) : await parts.send(message);
  } catch (error) {
    // A secret that does not open, for one: others can still be told.
    parts.logger.error({ ...logged(claimed), err: error }, 'a webhook could not be composed');
    return failed('not-composed');
  }
}

async function writeDown(parts: DeliverParts, claimed: Claimed, answer: Answer, durationMs: number): Promise<void> {
  const { database, asking, logger } = parts;
  const { deliveryId, number, webhookId } = claimed;
  const { httpStatus, error } = answer;
  const { status, waitMs } = next(claimed, answer);
  // Repeating it is harmless: it finds the delivery ended, or writes the same once more.
  const settled = await writeDownPatiently(async (): Promise<Settled | undefined> => {
    if (error === null)
      return (
        await asking.settleTaken.ask({
          delivery_id: deliveryId,
          number,
          http_status: httpStatus,
          duration_ms: durationMs,
        })
      )[0];
    const dropsJob = waitMs > longestInQueueMs;
    const ending = { deliveryId, number, status, httpStatus, error, durationMs, waitMs, dropJob: dropsJob };
    return database.one(settle, { ...ending, patienceMs: disabledAfterMs, events: disabledEvents(claimed) });
  });
  const about = { ...logged(claimed), httpStatus, error, durationMs, status, fencedOut: settled === undefined };
  countAttempt(error);
  logger[error === null ? 'info' : 'warn'](about, 'webhook attempted');
  if (settled?.disabled) {
    logger.warn(logged(claimed), 'webhook disabled');
    await cancelAll(database, webhookId);
  }
}

/** What a delivery becomes by an answer, and how long it waits for its next attempt. */
function next({ number, ageMs, id }: Claimed, { error, httpStatus, retryAfterMs }: Answer) {
  if (error === null) return { status: 'delivered', waitMs: 0 };
  const pause = httpStatus === 410 || id === null ? undefined : pauseMs(number, ageMs, retryAfterMs);
  return pause === undefined ? { status: 'failed', waitMs: 0 } : { status: 'queued', waitMs: pause };
}

function disabledEvents({ ofTenant, webhookId, url }: Claimed): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  const disabled = (reason: 'gone' | 'failing') =>
    event('webhook.disabled', { webhookId, host, reason }, { when: reason });
  return eventsParameter({ tenantId: ofTenant, by: null }, [disabled('gone'), disabled('failing')]);
}

async function cancelAll(database: Database, webhookId: string): Promise<void> {
  for (let full = true; full;) {
    const canceled = await database.query(cancelWaiting, { webhookId, limit: cancelBatch });
    full = canceled.length === cancelBatch;
  }
}

/** Which attempt a line of the log is about. */
function logged({ deliveryId, webhookId, number }: Claimed) {
  return { deliveryId, webhookId, attempt: number };
}
