/** What a job's handler returns where the job is to run once more. */
export interface Again {
  /** By this process's clock. */
  readonly retryAt: Date;
}

/** At least a moment: a row that has just changed is looked at again, but not in a busy loop. */
const shortestMs = 20;

/**
 * When to look at a row again that says for how long it waits.
 * @param ms as the database counts: the queue waits by this process's clock, so a difference of clocks must not become a difference
 * of waiting
 */
export function lookAgain(ms: number): Again {
  return { retryAt: new Date(Date.now() + Math.max(shortestMs, Math.ceil(ms))) };
}
