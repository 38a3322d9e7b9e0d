/** Pause after the first try that was refused for now. */
const firstPauseMs = 2000;

/** Longest pause between two tries, as a part of the message's life, and whatever its life. */
const partOfLife = 1 / 10;
const longestPauseMs = 30 * 60_000;

/** Spread of the pauses, so that what failed together is not repeated together. */
const jitter = 0.25;

/**
 * How long to wait after a try that is known to have sent nothing: 2, 4, 8 s and so on, in the end a tenth of the
 * message's life, at most half an hour. Tries are bounded by that life and not by their number: a mail server that makes
 * strangers wait (greylisting) takes 5 minutes, one that is mended takes hours.
 * @param tries those made so far, at least 1
 * @param spanMs from the message's beginning to its end
 */
export function pauseMs(tries: number, spanMs: number, random: () => number = Math.random): number {
  const doubled = firstPauseMs * 2 ** Math.min(tries - 1, 30);
  return Math.min(doubled, spanMs * partOfLife, longestPauseMs) * (1 - jitter + 2 * jitter * random());
}

/**
 * How long to wait where the provider says for how long it wants to be left alone, as with an HTTP 429. No longer than half
 * of what is left of the message's life: later a code helps nobody.
 * @param pause how long we would wait
 */
export function pauseAskedForMs(pause: number, askedMs: number, lifeMs: number): number {
  return Math.max(pause, Math.min(askedMs, lifeMs / 2));
}

/** Pause after a try without an answer that may still come, and after one that ended without any. */
const silentMs = 60_000;
const brokenOffMs = 20_000;
const partOfLifeInDoubt = 1 / 50;

/**
 * How long to wait after a try that may have sent: longer, and each time twice as long, since a repeat costs and may be
 * the second that arrives.
 * @param earlier tries before it of which the same is true
 * @param silent whether its answer may still come
 */
export function pauseInDoubtMs(
  earlier: number,
  silent: boolean,
  spanMs: number,
  random: () => number = Math.random,
): number {
  const first = Math.max(silent ? silentMs : brokenOffMs, spanMs * partOfLifeInDoubt);
  return first * 2 ** earlier * (1 + jitter * random());
}
