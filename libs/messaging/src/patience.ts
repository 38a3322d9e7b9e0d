import { setTimeout as sleep } from 'node:timers/promises';

/** How long a queue is waited for. BullMQ itself waits for ever. */
const answerWithinMs = 5000;

/** @throws where a queue does not do it within 5 s */
export async function within<T>(what: string, work: Promise<T>): Promise<T> {
  const clock = new AbortController();
  const late = async () => {
    await sleep(answerWithinMs, undefined, { signal: clock.signal });
    throw new Error(`The queue did not ${what} within ${answerWithinMs / 1000} s.`);
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    clock.abort();
  }
}

/** Waits for the end of it, but no longer than 5 s. */
export async function atMost(work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(answerWithinMs, undefined, { ref: false })]);
}
