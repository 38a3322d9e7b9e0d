import type { SendResult } from '#contracts';
import type { Claimed } from './claim.sql.js';
import { pauseAskedForMs, pauseInDoubtMs, pauseMs } from './pauses.js';
import type { RouteTable } from './routes/route-table.js';

/** Life that is too short to begin another try. */
const lastMomentMs = 1000;

/** Whether a route is usable now that this delivery has not tried: it goes there at once. */
export function hasAnother(routes: RouteTable, { country, provider, tried }: Claimed): boolean {
  return routes.usable(country).some((name) => name !== provider && tried?.includes(name) !== true);
}

/**
 * What a delivery becomes by an outcome, and how long it waits for its next attempt.
 * @param silent whether its answer may still come
 * @param another whether there is a route that it has not tried
 */
export function nextStep(
  claimed: Claimed,
  said: SendResult,
  silent: boolean,
  another: boolean,
): { status: string; pause: number } {
  const { fence, inDoubt, lifeMs, spanMs } = claimed;
  switch (said.outcome) {
    case 'sent':
      return { status: 'sent', pause: 0 };
    case 'permanent':
      return { status: another && said.ofRoute === true ? 'queued' : 'failed', pause: 0 };
    case 'unknown':
      return { status: 'sending', pause: another ? 0 : pauseInDoubtMs(inDoubt, silent, spanMs) };
    case 'transient': {
      if (another) return { status: 'queued', pause: 0 };
      const pause = pauseAskedForMs(pauseMs(fence, spanMs), said.retryAfterMs ?? 0, lifeMs);
      // A try in the last moment of its life, or after it, is none.
      return { status: pause < lifeMs - lastMomentMs ? 'queued' : 'failed', pause };
    }
  }
}
