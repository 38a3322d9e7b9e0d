import type { LaneLimits } from './admission-limits.js';
import { Counts } from './counts.js';
import { once } from './once.js';
import type { UserShares } from './user-shares.js';

/** ms. A line that was never empty for this long is a standing queue, not a burst (as in CoDel, RFC 8289). */
const burstMs = 1000;

/** How many times as many places as are free the keys of one tenant may have together. */
const tenantShare = 3;

/** Whose calls are counted together. */
export interface Sharer {
  readonly apiKeyId: string;
  readonly tenantId: string;
}

export interface Place {
  /**
   * Takes a turn where there is one.
   * @param user whom the call is about, where it is about one: any name that is the same for all of the user's calls
   * @returns what gives it back, once
   */
  takeTurn(user?: string): (() => void) | undefined;
  /** Waits for a turn. @returns what gives it back, once; undefined where none came in time */
  waitForTurn(user?: string): Promise<(() => void) | undefined>;
  /** Gives the place back. Again is nothing. */
  leave(): void;
}

/** One of the two lanes: its places, its line and its turns. See `Admission`. */
export class Lane {
  inside = 0;
  waiting = 0;
  /** Whether others wait who go first. */
  pressed = false;
  private working = 0;
  /** By key, the one that is served next first; of each, first come, first served. */
  private readonly line = new Map<string, Set<() => void>>();
  private lineSince = 0;
  private readonly ofKey = new Counts();
  private readonly ofTenant = new Counts();

  constructor(
    private readonly limits: LaneLimits,
    private readonly parts: {
      readonly patienceMs: number;
      readonly shares: UserShares;
      readonly now: () => number;
      readonly afterTurn: () => void;
      readonly refused: (sharer: Sharer) => void;
    },
  ) {}

  enter(sharer: Sharer): Place | undefined {
    const { apiKeyId, tenantId } = sharer;
    if (!this.hasRoomFor(sharer)) {
      this.parts.refused(sharer);
      return undefined;
    }
    this.inside += 1;
    this.ofKey.add(apiKeyId, 1);
    this.ofTenant.add(tenantId, 1);
    return {
      takeTurn: (user) => this.takeTurnFor(user),
      waitForTurn: (user) => this.waitForTurnFor(sharer, user),
      leave: once(() => {
        this.inside -= 1;
        this.ofKey.add(apiKeyId, -1);
        this.ofTenant.add(tenantId, -1);
      }),
    };
  }

  goOn(): void {
    while (this.waiting > 0 && this.hasTurn()) {
      const [[key, ofKey] = ['', new Set<() => void>()]] = this.line;
      const [next] = ofKey;
      // To the end of the line, before `next` takes itself out of it.
      this.line.delete(key);
      this.line.set(key, ofKey);
      next?.();
    }
  }

  private hasRoomFor({ apiKeyId, tenantId }: Sharer): boolean {
    const { burst, standing, modest } = this.limits;
    const ofKey = this.ofKey.get(apiKeyId);
    const ofTenant = this.ofTenant.get(tenantId);
    const hasShareOf = (places: number) => {
      const free = places - this.inside;
      return ofKey < free && ofTenant < tenantShare * free;
    };
    const stands = this.waiting > 0 && this.parts.now() - this.lineSince > burstMs;
    return hasShareOf(burst) && (!stands || ofKey < modest || hasShareOf(standing));
  }

  private hasTurn(): boolean {
    return this.working < (this.pressed ? this.limits.turnsPressed : this.limits.turns);
  }

  private takeTurnFor(user: string | undefined): (() => void) | undefined {
    if (user === undefined) return this.takeTurn();
    if (this.waiting > 0 || !this.hasTurn()) return undefined;
    const share = this.parts.shares.take(user);
    return share && both(this.begin(), share);
  }

  private async waitForTurnFor(sharer: Sharer, user: string | undefined): Promise<(() => void) | undefined> {
    if (user === undefined) return this.waitForTurn(sharer);
    const share = await this.parts.shares.waitFor(user, this.parts.patienceMs);
    if (!share) {
      this.parts.refused(sharer);
      return undefined;
    }
    const turn = await this.waitForTurn(sharer);
    if (turn) return both(turn, share);
    share();
    return undefined;
  }

  private takeTurn(): (() => void) | undefined {
    return this.waiting === 0 && this.hasTurn() ? this.begin() : undefined;
  }

  private begin(): () => void {
    this.working += 1;
    return once(() => {
      this.working -= 1;
      this.parts.afterTurn();
    });
  }

  private waitForTurn(sharer: Sharer): Promise<(() => void) | undefined> {
    const turn = this.takeTurn();
    if (turn) return Promise.resolve(turn);
    return new Promise((resolve) => {
      const next = () => {
        clearTimeout(impatience);
        this.leaveLine(sharer.apiKeyId, next);
        resolve(this.begin());
      };
      const impatience = setTimeout(() => {
        this.leaveLine(sharer.apiKeyId, next);
        this.parts.refused(sharer);
        resolve(undefined);
      }, this.parts.patienceMs);
      this.enterLine(sharer.apiKeyId, next);
    });
  }

  private enterLine(key: string, next: () => void): void {
    if (this.waiting === 0) this.lineSince = this.parts.now();
    this.waiting += 1;
    const ofKey = this.line.get(key);
    if (ofKey) ofKey.add(next);
    else this.line.set(key, new Set([next]));
  }

  private leaveLine(key: string, next: () => void): void {
    const ofKey = this.line.get(key);
    if (!ofKey?.delete(next)) return;
    this.waiting -= 1;
    if (ofKey.size === 0) this.line.delete(key);
  }
}

/** Gives back both. */
function both(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}
