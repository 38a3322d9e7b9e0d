const [second, minute, hour] = [1000, 60_000, 3_600_000];

/** Pauses after the first attempt and those that follow it; after the last of them it is tried each `lastly`. */
const pauses = [5 * second, minute, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour];
const lastly = 12 * hour;

/** So long after its first attempt a message is given up. */
export const givenUpAfterMs = 5 * 24 * hour;

/** But not before so many attempts: time in which no worker ran is not the receiver's. In five days of work there are more. */
export const fewestAttempts = pauses.length + 1;

/**
 * So long an endpoint may take nothing of what it is sent, until it is disabled. Less by the time that the first attempt took, and by the last
 * minute of a message, in which it is not tried again: with the message that is given up, the endpoint is disabled.
 */
export const disabledAfterMs = givenUpAfterMs - minute;

/** Pauses are up to a tenth longer, so that what failed together is not repeated together. */
const jitter = 0.1;

/**
 * How long to wait after a failed attempt: at least as published (docs/webhooks.md), longer where the receiver asks for it, by no
 * more than the longest pause.
 * @param attempts those made so far, at least 1
 * @param ageMs since the first attempt
 * @returns undefined where it is given up
 */
export function pauseMs(
  attempts: number,
  ageMs: number,
  retryAfterMs = 0,
  random: () => number = Math.random,
): number | undefined {
  const published = (pauses[attempts - 1] ?? lastly) * (1 + jitter * random());
  const pause = Math.max(published, Math.min(retryAfterMs, lastly));
  if (ageMs + pause <= givenUpAfterMs || attempts < fewestAttempts) return pause;
  // The last attempt stands at the end of the time, not half a day before it.
  const left = givenUpAfterMs - ageMs;
  return left > minute ? left : undefined;
}
