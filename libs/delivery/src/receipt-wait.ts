import type { Database } from '#persistence';
import type { Logger } from '#runtime';
import type { Claimed } from './claim.sql.js';
import { endWait, noteMissing, type Standing } from './deliver.sql.js';
import { logged } from './delivery-events.js';
import { lastMomentMs } from './next-step.js';

/** How long after its time a wait for a receipt is over: who looks in the very moment looks again. */
const endOfWaitMs = 50;

/** Whether another route may carry what does not arrive by this one: a code that somebody may still type. */
export function mayGoOn({ kind, lifeMs }: Claimed): boolean {
  return kind === 'code' && lifeMs > lastMomentMs;
}

/** How long a receipt is waited for, in ms; 0 where the code would not live as long, or has been sent as often as it may be. */
export function receiptWaitMs(
  { receiptWaitMs: waitMs = 0 }: { readonly receiptWaitMs?: number },
  { inDoubt, lifeMs }: Claimed,
): number {
  return inDoubt === 0 && waitMs < lifeMs - lastMomentMs ? waitMs : 0;
}

/** An operator is told that a code goes out by another route; and the provider's receipts that were missed are counted. */
export async function tellMissing(
  { database, logger }: { readonly database: Database; readonly logger: Logger },
  claimed: Claimed,
  provider: string,
): Promise<void> {
  logger.warn(
    { ...logged(claimed), provider, next: claimed.provider },
    'no receipt came in time: the code goes out by the next route',
  );
  await database.query(noteMissing, { provider }).catch((error: unknown) => {
    // It only counts them, and the message has its lease by now.
    logger.warn({ ...logged(claimed), err: error }, 'a missing receipt could not be counted');
  });
}

/**
 * Of a delivery that waits for its receipt and was not claimed; ends the wait where it is over.
 * @returns ms until it is to be looked at again; undefined where there is no more to do
 */
export async function leftOfWait(database: Database, { id, dueMs }: Standing): Promise<number | undefined> {
  if (dueMs > -endOfWaitMs) return dueMs + endOfWaitMs;
  return (await database.one(endWait, { deliveryId: id })) ? undefined : 0;
}
