/** Stands for a result that did not come in time. */
export const late: unique symbol = Symbol('late');

/**
 * Waits for work, but no longer than `ms`. The work itself is not stopped; what it throws after its time is dropped.
 * @param ref as for timers of Node.js: `false` where the wait alone is no reason for the process to stay
 * @returns what the work returns, or `late`
 * @throws what the work throws in time
 */
export async function within<T>(ms: number, work: Promise<T>, { ref = true } = {}): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
    if (!ref) timer.unref();
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
