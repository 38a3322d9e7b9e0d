import type { Logger } from '#runtime';

/** An error that repeats is logged once in this time. */
const quietMs = 10_000;

/** An error listener: BullMQ's classes end the process without one, and repeat one fault many times a second. */
export function calmErrors(logger: Logger, about: object): (error: Error) => void {
  let last = '';
  let quietUntil = 0;
  return (error) => {
    if (error.message === last && Date.now() < quietUntil) return;
    last = error.message;
    quietUntil = Date.now() + quietMs;
    logger.warn({ ...about, err: error }, 'queue error');
  };
}
