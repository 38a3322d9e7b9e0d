import { late, within } from '#runtime';

/** How long a queue is waited for, in ms. BullMQ itself waits for ever. */
const answerWithinMs = 5000;

/**
 * @param what the queue should do, as in "did not open"
 * @throws where it does not do it within 5 s
 */
export async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  const answer = await within(answerWithinMs, work);
  if (answer === late) throw new Error(`The queue did not ${what} within ${answerWithinMs / 1000} s.`);
  return answer;
}

/** Waits for the end of it, but no longer than 5 s. */
export async function atMost(work: Promise<unknown>): Promise<void> {
  await within(answerWithinMs, work);
}
