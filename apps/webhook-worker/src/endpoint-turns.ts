/** Attempts under way at once, of the whole worker. */
export const mostAtOnce = 100;
/** Of one tenant: the others have as much, whatever its endpoints do. */
const mostOfTenant = mostAtOnce / 2;
/** Of one endpoint, where there is room. */
const mostOfEndpoint = 10;
/** Part of the room that is left that one more attempt of the same endpoint may find: the fuller, the less for each. */
const partOfRoom = 1 / 4;

/** Bounds of the pause until a message that finds no room asks again. */
const shortestPauseOfFailingMs = 100;
const longestPauseMs = 60_000;
const longestPauseOfFailingMs = 300_000;

/** How long an attempt takes, before there was one. */
const firstGuessMs = 100;
/** How much the newest attempt counts in the mean of an endpoint; the first is all that is known. */
const newest = 0.2;

export interface Endpoint {
  readonly webhookId: string;
  readonly tenantId: string;
  /** Whether its last attempt failed. */
  readonly failing: boolean;
}

interface Standing {
  underWay: number;
  /** How long an attempt takes, and whether one has shown it. */
  meanMs: number;
  isKnown: boolean;
  /** When an attempt ended for the last time, or the first of those under way began. */
  movedAt: number;
  /** When the next message that finds no room may ask again: each one a bit after the other. */
  nextAt: number;
  /** The receiver has asked for no message until then. */
  closedUntil: number;
  /** What the last attempt of this process showed: what the database says may have been read before that. */
  isFailing: boolean;
}

/** How an attempt ended, as far as it says something of its endpoint. */
interface Ended {
  /** How long the endpoint asks for no more messages. */
  readonly closedMs?: number;
  /** Left out where none was made. */
  readonly failed?: boolean;
}

/** An attempt that may be made. */
export interface Turn {
  end(how?: Ended): void;
}

/**
 * Who of all endpoints may be called now, so that those that are slow or dead keep nobody else waiting: each has a share of the
 * attempts under way, a failing one a single one. What finds no room comes again when the endpoint will have got through what
 * waits before it, so ten thousand messages of a dead endpoint are looked at a few times a second and not all the time.
 */
export class EndpointTurns {
  private readonly standings = new Map<string, Standing>();
  private readonly ofTenants = new Map<string, number>();
  private underWay = 0;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly random: () => number = Math.random,
  ) {}

  /** Attempts under way. */
  get count(): number {
    return this.underWay;
  }

  /** @returns ms until it may ask again, where it may not now */
  take(endpoint: Endpoint): Turn | number {
    const { webhookId, tenantId } = endpoint;
    const now = this.now();
    const standing = this.standing(webhookId);
    const closedMs = standing.closedUntil - now;
    if (closedMs > 0) return this.spread(closedMs);
    const failing = endpoint.failing || standing.isFailing;
    const most = this.mostOf(failing);
    const ofTenant = this.ofTenants.get(tenantId) ?? 0;
    const isRoom = this.underWay < mostAtOnce && ofTenant < mostOfTenant && standing.underWay < most;
    if (!isRoom) return this.later(failing, standing, most);
    if (standing.underWay === 0) standing.movedAt = now;
    this.underWay += 1;
    standing.underWay += 1;
    this.ofTenants.set(tenantId, ofTenant + 1);
    return { end: (how = {}) => this.end(endpoint, now, how) };
  }

  private mostOf(failing: boolean): number {
    if (failing) return 1;
    return Math.min(mostOfEndpoint, Math.max(1, Math.floor((mostAtOnce - this.underWay) * partOfRoom)));
  }

  private later(failing: boolean, standing: Standing, most: number): number {
    const now = this.now();
    const longest = failing ? longestPauseOfFailingMs : longestPauseMs;
    // While none of its attempts ends, they take longer than is known.
    const attemptMs = Math.max(standing.meanMs, standing.underWay > 0 ? now - standing.movedAt : 0);
    const pace = Math.max(failing ? shortestPauseOfFailingMs : 0, attemptMs / most);
    standing.nextAt = Math.max(standing.nextAt, now) + pace;
    const wait = standing.nextAt - now;
    if (wait <= longest) return wait;
    standing.nextAt = now + longest;
    return longest * (0.5 + 0.5 * this.random());
  }

  private end({ webhookId, tenantId }: Endpoint, began: number, { closedMs = 0, failed }: Ended): void {
    const now = this.now();
    const standing = this.standing(webhookId);
    this.underWay -= 1;
    standing.underWay -= 1;
    standing.movedAt = now;
    standing.isFailing = failed ?? standing.isFailing;
    this.learn(standing, now - began);
    standing.closedUntil = Math.max(standing.closedUntil, now + closedMs);
    const ofTenant = (this.ofTenants.get(tenantId) ?? 1) - 1;
    if (ofTenant > 0) this.ofTenants.set(tenantId, ofTenant);
    else this.ofTenants.delete(tenantId);
    if (this.standings.size > 1000) this.forget(now);
  }

  /** With the mean, the time changes at which the endpoint will have got through what waits. */
  private learn(standing: Standing, tookMs: number): void {
    const before = standing.meanMs;
    standing.meanMs += (standing.isKnown ? newest : 1) * (tookMs - before);
    standing.isKnown = true;
    const left = standing.nextAt - this.now();
    if (left > 0 && before > 0 && !standing.isFailing)
      standing.nextAt += left * (Math.min(1, standing.meanMs / before) - 1);
  }

  /** Endpoints that nothing waits for. */
  private forget(now: number): void {
    for (const [webhookId, { underWay, nextAt, closedUntil }] of this.standings)
      if (underWay === 0 && nextAt <= now && closedUntil <= now) this.standings.delete(webhookId);
  }

  private standing(webhookId: string): Standing {
    const known = this.standings.get(webhookId);
    if (known) return known;
    const fresh = {
      underWay: 0,
      meanMs: firstGuessMs,
      isKnown: false,
      movedAt: 0,
      nextAt: 0,
      closedUntil: 0,
      isFailing: false,
    };
    this.standings.set(webhookId, fresh);
    return fresh;
  }

  private spread(ms: number): number {
    return ms + shortestPauseOfFailingMs + this.random() * Math.min(ms, longestPauseMs);
  }
}
