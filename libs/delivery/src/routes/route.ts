import type { DeliveryChannel, SendResult } from '#contracts';
import { Allowance } from './allowance.js';
import { Breaker, isFault, type BreakerState } from './breaker.js';

/** How long an attempt keeps a worker waiting, and how long its answer is waited for before the delivery goes on. */
const longestFreeMs = 1000;
const shortestFreeMs = 100;
export const longestGiveUpMs = 5000;
const shortestGiveUpMs = 2000;

/** A route that asks to be left alone comes last for so long, whatever it asks for. */
const longestRestMs = 60_000;

/** How long a probe is likely to take, for those that wait for what it finds. */
const probedMs = 1000;

/** How a route fares in this process. */
export interface RouteFigures {
  readonly route: string;
  readonly state: BreakerState;
  readonly underWay: number;
  readonly limit: number;
  /** Time in which 95 % of the last answers came; null before there are a few. */
  readonly usualMs: number | null;
  /** How often it was left alone since the process began. */
  readonly openings: number;
}

/** One attempt by a route. */
export interface RouteAttempt {
  /** How long the worker waits before it does something else meanwhile. */
  readonly freeMs: number;
  /** To be told once, when it was answered or is given up. */
  end(result: SendResult, given?: 'up'): void;
}

/** A channel, and how it fares: whether it is left alone, how much it is given at once, and how long it usually takes. */
export class Route {
  private readonly breaker: Breaker;
  private readonly allowance: Allowance;
  private openings = 0;
  private restUntil = 0;
  /** Told when it is left alone, and when it is back. */
  onState: (state: 'open' | 'closed', pauseMs: number) => void = () => undefined;

  /** @param atOnce attempts that a worker waits for at a time; four times as many may be under way */
  constructor(
    readonly channel: DeliveryChannel,
    atOnce: number,
  ) {
    this.allowance = new Allowance(atOnce * 4);
    this.breaker = new Breaker((state, pauseMs) => {
      if (state === 'open') this.openings += 1;
      this.onState(state, pauseMs);
    });
  }

  get figures(): RouteFigures {
    const { underWay, limit, usualMs } = this.allowance;
    return { route: this.channel.name, state: this.breaker.state, underWay, limit, usualMs, openings: this.openings };
  }

  get isUsable(): boolean {
    return this.breaker.state === 'closed' && this.allowance.hasRoom;
  }

  get isResting(): boolean {
    return this.restUntil > Date.now();
  }

  /** How long it is likely to stay unusable. */
  get blockedMs(): number {
    const { state, probeInMs } = this.breaker;
    return state === 'half-open' ? probedMs : probeInMs;
  }

  takeProbe(): boolean {
    return this.breaker.takeProbe();
  }

  /** Counts a claim that is offered it as the first choice, until that is settled: claims come by dozens at a time. */
  offer(): () => void {
    this.allowance.offered += 1;
    return () => (this.allowance.offered -= 1);
  }

  dropProbe(): void {
    this.breaker.dropProbe();
  }

  /** After how long the answer is waited for no more where another route could send. */
  get hurryMs(): number {
    return Math.min(longestGiveUpMs, Math.max(shortestGiveUpMs, 5 * (this.allowance.usualMs ?? longestGiveUpMs)));
  }

  begin(isProbe: boolean): RouteAttempt {
    const began = performance.now();
    const ending = Promise.withResolvers<SendResult>();
    this.allowance.begin();
    this.breaker.watch(ending.promise, isProbe);
    return {
      freeMs: this.freeMs,
      end: (result, given) => {
        this.allowance.end(isFault(result) || result.outcome === 'transient', given ? null : performance.now() - began);
        if (result.outcome === 'transient') this.rest(result.retryAfterMs ?? 0);
        ending.resolve(result);
      },
    };
  }

  /** Three times what is usual; less the more are under way, so that slow answers never keep all workers waiting. */
  private get freeMs(): number {
    const { usualMs, underWay, most } = this.allowance;
    const patience = Math.min(longestFreeMs, Math.max(shortestFreeMs, 3 * (usualMs ?? longestFreeMs)));
    return patience * Math.max(0, 1 - underWay / most);
  }

  private rest(ms: number): void {
    if (ms > 0) this.restUntil = Math.max(this.restUntil, Date.now() + Math.min(ms, longestRestMs));
  }
}
