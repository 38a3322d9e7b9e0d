import type { OutgoingMessage, SendResult } from '#contracts';
import { lookAgain, type Again } from '#messaging';
import { eventsParameter, eventsToWrite, type Database, type NewEvent, type Sealer } from '#persistence';
import { late, within, type Logger } from '#runtime';
import type { Claimed } from './claim.sql.js';
import { dropJob, expire, leaveOpen, readStanding } from './deliver.sql.js';
import { contextOf, facts, logged } from './delivery-events.js';
import { receiptFailed } from './delivery-row.sql.js';
import type { LateAnswers } from './late-answers.js';
import { hasAnother, nextStep } from './next-step.js';
import { observeAttempt } from './observe-attempt.js';
import { prepareMessage } from './prepare-message.js';
import { longestGiveUpMs, type RouteAttempt } from './routes/route.js';
import { leftOfWait, mayGoOn, receiptWaitMs, tellMissing } from './receipt-wait.js';
import type { RouteTable } from './routes/route-table.js';
import type { SharedStatements } from './shared-statements.js';
import { shortName } from './short-name.js';
import { traceAttempt } from './trace-attempt.js';

/** How long an attempt is listened for in all. */
const listenMs = 60_000;
/** For the channel, to say what it knows when its time is up. */
const patienceMs = 500;

/** For the outcome of an attempt that nobody waited for to be written down, before its delivery is looked at again. */
const writeMs = 300;
/** Between two looks at a delivery that another attempt has: longer than any is waited for, and much less than its lease. */
const leasedMs = 6000;

export interface DeliverParts {
  readonly database: Database;
  /** On the same database. */
  readonly shared: SharedStatements;
  readonly sealer: Sealer;
  readonly routes: RouteTable;
  readonly logger: Logger;
  /**
   * How long a worker waits for the end of an attempt before it does something else, and the delivery goes on, in ms. Where left
   * out, the route says by its usual time: a worker waits 1 s at most, a delivery 5 s.
   */
  readonly waitMs?: number;
  /** How long the receipt of a code is waited for before the next route carries it, in ms; not at all where 0 or left out. */
  readonly receiptWaitMs?: number;
  /** Where answers are waited for that come later than that. */
  readonly late?: LateAnswers;
}

/**
 * Takes one delivery a step further: claims it, sends, writes down the outcome. Any number of processes may call it for
 * the same delivery at any time; the lease lets one of them send.
 *
 * What was certainly not sent is tried again for as long as the message is worth something. What may have been sent, since
 * the provider told no end or the process died, is sent again later, with the same code and the same reference, and no
 * more than a few times: at least once, never exactly once. Each attempt has its row in `delivery_attempt`.
 *
 * @returns when to call again, by this process's clock; nothing where there is no more to do
 * @throws where the database can't be reached: call again later
 */
export async function deliver(parts: DeliverParts, deliveryId: string): Promise<void | Again> {
  const { shared, routes } = parts;
  const offer = routes.offer();
  let claimed: Claimed | undefined;
  try {
    claimed = offer.isEmpty
      ? undefined
      : await shared.claim({ id: deliveryId, routes: routes.trials.place(deliveryId, offer.order) });
  } catch (error) {
    offer.settle(undefined);
    throw error;
  }
  const isProbe = offer.settle(claimed?.provider);
  if (!claimed) return standStill(parts, deliveryId);
  if (claimed.missed !== null) await tellMissing(parts, claimed, claimed.missed);
  const prepared = prepareMessage(parts.sealer, parts.logger, claimed);
  if ('outcome' in prepared) {
    if (isProbe) routes.route(claimed.provider).dropProbe();
    return writeDown(parts, claimed, prepared);
  }
  return send(parts, claimed, prepared, isProbe);
}

/** Sends, and waits for the outcome to be written down for as long as the worker has nothing better to do. */
async function send(
  parts: DeliverParts,
  claimed: Claimed,
  message: OutgoingMessage,
  isProbe: boolean,
): Promise<void | Again> {
  const { routes, waitMs } = parts;
  const route = routes.route(claimed.provider);
  const patience = waitMs ?? (hasAnother(routes, claimed) ? route.hurryMs : longestGiveUpMs);
  const giveUpMs = Math.max(1, Math.min(patience, claimed.lifeMs));
  const attempt = route.begin(isProbe);
  const freeMs = waitMs ?? attempt.freeMs;
  const answer = begin(parts, claimed, message);
  const settled = seeThrough(parts, claimed, attempt, answer, giveUpMs);
  // What is answered only has to be written down: to look at it again would cost more than to wait for that.
  if (freeMs >= giveUpMs || (await within(freeMs, answer, { ref: false })) !== late) return settled;
  const kept = settled.catch((error: unknown) => {
    parts.logger.warn({ ...logged(claimed), err: error }, 'an outcome could not be saved');
  });
  parts.late?.await(kept.then(() => undefined));
  return lookAgain(giveUpMs - freeMs + writeMs);
}

/** Waits for the answer until it is given up, and writes down what became of it. */
async function seeThrough(
  parts: DeliverParts,
  claimed: Claimed,
  attempt: RouteAttempt,
  answer: Promise<SendResult>,
  giveUpMs: number,
): Promise<void | Again> {
  const timely = await within(giveUpMs, answer, { ref: false });
  if (timely !== late) {
    attempt.end(timely);
    return writeDown(parts, claimed, timely);
  }
  const silent = { outcome: 'unknown', error: 'timeout' } as const;
  attempt.end(silent, 'up');
  const again = await writeDown(parts, claimed, silent, 'silent');
  parts.late?.await(hearOut(parts, claimed, answer));
  return again;
}

/** Writes down an answer that comes late, and spares its repeat. Nobody waits for it: the attempt counts as unknown by now. */
async function hearOut(parts: DeliverParts, claimed: Claimed, answer: Promise<SendResult>): Promise<void> {
  try {
    const result = await answer;
    if (result.outcome === 'unknown') return;
    await writeDown(parts, claimed, result);
  } catch (error) {
    parts.logger.warn({ ...logged(claimed), err: error }, 'a late response could not be saved');
  }
}

/** What to do with a delivery that could not be claimed. */
async function standStill(parts: DeliverParts, deliveryId: string): Promise<void | Again> {
  const { database, routes, logger } = parts;
  const delivery = await database.one(readStanding, { deliveryId });
  if (delivery?.waits === true) {
    const ms = await leftOfWait(database, delivery);
    return ms === undefined ? undefined : lookAgain(ms);
  }
  if (!delivery?.open) {
    // Ended, or erased with its user.
    await database.query(dropJob, { deliveryId });
    return undefined;
  }
  if (delivery.leaseMs > 0) return lookAgain(Math.min(delivery.leaseMs, leasedMs));
  if (!delivery.expired && (!delivery.exhausted || delivery.dueMs > 0)) {
    const blocked = routes.usable(delivery.country).length === 0;
    return lookAgain(Math.max(delivery.dueMs, blocked ? routes.blockedMs(delivery.country) : 0));
  }

  const { id, fence } = delivery;
  const ended = delivery.expired
    ? await database.one(expire, {
        deliveryId: id,
        fence,
        events: eventsParameter(contextOf(delivery), facts(delivery, 'expired')),
      })
    : await database.one(leaveOpen, { deliveryId: id, fence });
  // Another process came first: look again.
  if (!ended) return lookAgain(0);
  logger.info(logged(delivery), delivery.expired ? 'delivery expired' : 'delivery will not be retried');
  return undefined;
}

/** Sends, and listens for the end of it as long as there may be one. Never throws. */
function begin(parts: DeliverParts, claimed: Claimed, message: OutgoingMessage): Promise<SendResult> {
  const send = () => sendBy(parts, claimed, message);
  return observeAttempt({ message, claimed }, () => traceAttempt(claimed, send));
}

async function sendBy(parts: DeliverParts, claimed: Claimed, message: OutgoingMessage): Promise<SendResult> {
  const { logger } = parts;
  const { channel } = parts.routes.route(claimed.provider);
  const listen = Math.max(1, Math.min(listenMs, Math.floor(claimed.lifeMs)));
  // Not `AbortSignal.timeout`, which would keep what each message leaves behind for a minute: 0.1 ms of collecting it.
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), listen).unref();
  try {
    const result = await within(listen + patienceMs, channel.send(message, timeUp.signal), { ref: false });
    return result === late ? { outcome: 'unknown', error: 'timeout' } : result;
  } catch (error) {
    // Neither its words nor its fields: a provider's error may quote the message.
    const type = error instanceof Error ? error.name : typeof error;
    logger.warn({ ...logged(claimed), provider: channel.name, type }, 'a channel failed without a result');
    return { outcome: 'unknown', error: 'channel-error' };
  } finally {
    clearTimeout(timer);
  }
}

async function writeDown(
  parts: DeliverParts,
  claimed: Claimed,
  said: SendResult,
  silent?: 'silent',
): Promise<void | Again> {
  const { logger } = parts;
  const result = said.outcome === 'sent' ? said : { ...said, error: shortName(said.error) };
  const error = result.outcome === 'sent' ? null : result.error;
  const { provider } = claimed;
  const another = hasAnother(parts.routes, claimed);
  const { status, pause } = nextStep(claimed, result, silent !== undefined, another);
  const receipts = status === 'sent' && parts.routes.route(provider).channel.receipts === true;
  const settled = await parts.shared.settle({
    id: claimed.id,
    number: claimed.fence,
    status,
    provider,
    outcome: result.outcome,
    reference: result.outcome === 'sent' ? result.reference : null,
    error,
    price: result.outcome === 'sent' ? result.price : null,
    wait: receipts ? receiptWaitMs(parts, claimed) : pause,
    another: receipts && another && mayGoOn(claimed),
    events: eventsToWrite(contextOf(claimed), [
      ...factsOf(claimed, status, provider, error),
      // Where a receipt was faster, and says so.
      ...(receipts ? facts(claimed, 'failed', { error: receiptFailed }) : []),
    ]),
  });
  const level = result.outcome === 'sent' ? 'info' : 'warn';
  logger[level](
    { ...logged(claimed), provider, outcome: result.outcome, error, fencedOut: settled === undefined },
    'delivery attempted',
  );
  // Fenced out, or settled by a call whose answer was lost: either way the row knows what is next.
  if (!settled) return standStill(parts, claimed.id);
  const more = status === 'sending' || settled.status === 'queued' || settled.awaits;
  return more ? lookAgain(settled.dueMs) : undefined;
}

/** The events of what it becomes, each of which the statement writes only if it becomes that. */
function factsOf(claimed: Claimed, status: string, provider: string, error: string | null): NewEvent[] {
  if (status === 'sent') return facts(claimed, 'sent', { provider });
  return status === 'failed' ? facts(claimed, 'failed', { error: error ?? '' }) : [];
}
