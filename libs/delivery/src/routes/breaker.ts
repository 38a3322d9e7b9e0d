import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  DelegateBackoff,
  handleWhenResult,
  type IBreaker,
} from 'cockatiel';
import type { SendResult } from '#contracts';

/** Faults on end that open it, and the share of the last attempts. A route that leaves every fifth attempt hanging stays closed. */
const onEnd = 8;
const share = { threshold: 0.5, size: 50, minimumNumberOfCalls: 20 };

/** Until the first probe, and the most that doubling makes of it. */
const firstPauseMs = 2000;
const longestPauseMs = 20_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Whether an attempt says something against its route, and not against its message alone. */
export function isFault(result: unknown): boolean {
  const { outcome, ofRoute } = result as { outcome: SendResult['outcome']; ofRoute?: boolean };
  return outcome === 'unknown' || ofRoute === true;
}

/** Either of two reasons to open: a route that is gone is left at once, one that fails again and again too. */
class Either implements IBreaker {
  private readonly parts = [new ConsecutiveBreaker(onEnd), new CountBreaker(share)];
  state: unknown;

  success(state: CircuitState): void {
    for (const part of this.parts) part.success(state);
  }

  failure(state: CircuitState): boolean {
    // Both have to hear of it.
    return this.parts.map((part) => part.failure(state)).includes(true);
  }
}

/**
 * Leaves a route alone that fails, and tries it with one delivery after a pause: 2 s, then twice as long each time, at most 20 s.
 * Says who may pass instead of refusing them, since a delivery is claimed for a route before it is sent.
 */
export class Breaker {
  private readonly policy;
  private probeAt = 0;
  private probing = false;

  /** @param onChange told when it opens (with the time until the next probe) and when it closes */
  constructor(onChange: (state: 'open' | 'closed', pauseMs: number) => void) {
    this.policy = circuitBreaker(handleWhenResult(isFault), {
      breaker: new Either(),
      halfOpenAfter: new DelegateBackoff(({ attempt }) => {
        const pause = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
        this.probeAt = Date.now() + pause;
        return pause;
      }),
    });
    this.policy.onBreak(() => onChange('open', this.probeInMs));
    this.policy.onReset(() => onChange('closed', 0));
  }

  get state(): BreakerState {
    if (this.policy.state === CircuitState.Closed) return 'closed';
    return this.probing ? 'half-open' : 'open';
  }

  /** Time until a probe is due; 0 where it is closed. */
  get probeInMs(): number {
    return this.policy.state === CircuitState.Closed ? 0 : Math.max(0, this.probeAt - Date.now());
  }

  /** Takes the one probe that is due. @returns false where none is, or another has it */
  takeProbe(): boolean {
    if (this.state !== 'open' || this.probeInMs > 0) return false;
    this.probing = true;
    return true;
  }

  /** Gives back a probe that was not used. */
  dropProbe(): void {
    this.probing = false;
  }

  /** @param ending what became of an attempt, no later than it is given up; never rejects */
  watch(ending: Promise<SendResult>, isProbe: boolean): void {
    // An attempt that was claimed before it opened changes nothing any more.
    if (!isProbe && this.policy.state !== CircuitState.Closed) return;
    const watched = this.policy.execute(() => ending).catch(() => undefined);
    if (isProbe) void watched.finally(() => (this.probing = false));
  }
}
