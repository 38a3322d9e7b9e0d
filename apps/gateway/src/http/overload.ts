import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Problem } from '#contracts';
import type { Logger } from '#runtime';
import type { LaneName } from './admission-limits.js';
import type { Sharer } from './lane.js';
import { countRefusal } from './metrics.js';

/** An overload is over when nobody has been refused for so long. */
const overAfterMs = 5000;

/** Made once: an error with its stack costs more than the answer. */
const refusals = [1, 2, 3].map(
  (seconds) =>
    new Problem('unavailable', {
      detail:
        'The server is overloaded. Nothing was changed and no attempt was used. Try again after `retryAfter` seconds.',
      retryAfter: seconds,
    }),
);

/** Says when to come again, and not the same to all: those who were refused together would come back together. */
export function tooMany(): Problem {
  return refusals[Math.floor(Math.random() * refusals.length)] as Problem;
}

/** Counts who is refused since there are too many, and says once when it begins and once when it is over. */
export class Overload {
  private refused = 0;
  private beganAt = 0;
  private latestAt = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Logger) {}

  /** @param sharer left out where nobody knows yet whose call it is */
  note(lane: LaneName, { tenantId, apiKeyId }: Partial<Sharer> = {}): void {
    countRefusal(lane);
    this.latestAt = performance.now();
    this.refused += 1;
    if (this.watch) return;
    this.beganAt = this.latestAt;
    this.watch = setInterval(() => this.endIfQuiet(), 1000).unref();
    this.logger.warn({ lane, tenantId, apiKeyId }, 'overloaded: some calls are refused');
  }

  private endIfQuiet(): void {
    if (performance.now() - this.latestAt < overAfterMs) return;
    clearInterval(this.watch);
    this.watch = undefined;
    const seconds = Math.round((this.latestAt - this.beganAt) / 1000);
    this.logger.warn({ refused: this.refused, seconds }, 'overload has ended: calls are accepted again');
    this.refused = 0;
    giveMemoryBack();
  }
}

/**
 * One full collection. V8 gives memory back where it sees few allocations, but looks at that only when it collects, and
 * a process that has become quiet does not: it would keep what the overload took (measured: 370 MB instead of 165).
 */
function giveMemoryBack(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major' }) => void;
  collect({ type: 'major' });
}
