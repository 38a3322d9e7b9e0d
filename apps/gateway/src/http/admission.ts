/**
 * Who is let in when more comes than can be done.
 *
 * There are two lanes: calls that someone waits for who logs in, and all others. A lane has places and turns. A call
 * takes a place before its body is read, or is refused there and then; it keeps the place until its answer has left.
 * Once its body is there it waits for a turn, and has that as long as it is worked on. The other lane has fewer turns
 * than there are connections to the database, so that lists and exports never hold all of them.
 *
 * A caller may take as many places as it leaves free (Choudhury and Hahne, "Dynamic queue length thresholds for
 * shared-memory packet switches", 1998): one that floods gets half, two get a third each, and whoever else comes finds
 * room. All keys of a tenant together may take three times as many as they leave free. Turns go round among the keys.
 * So a key that has next to nothing waits shortly behind any line, and is let in while that is still as long as a burst.
 *
 * Calls about one user have a share of the turns and wait for that first, beside the line: while somebody holds the user's
 * rows, they hold a share of the connections and all others go on.
 */

/** `login`: someone waits in front of a screen to get in. `other`: everything else. */
export const lanes = ['login', 'other'] as const;
export type LaneName = (typeof lanes)[number];

export interface LaneLimits {
  /** Calls that are worked on at once. */
  readonly turns: number;
  /** … while the other lane, which goes first, has a line. */
  readonly turnsPressed: number;
  /** Calls that have a place, while the line may be a burst: it is gone in a moment. */
  readonly burst: number;
  /** Calls that have a place once the line stands: then more of them only make everybody wait longer. */
  readonly standing: number;
  /** Calls of a key that find a place although the line stands, as long as a burst would find one. */
  readonly modest: number;
}

export interface AdmissionLimits extends Readonly<Record<LaneName, LaneLimits>> {
  /** Calls about one user that are in the line or at work. */
  readonly ofUser: number;
  /** Longest wait for a turn: something hangs. */
  readonly patienceMs: number;
}

/** A line that has not been empty for so long stands (as CoDel tells a burst from a standing queue, RFC 8289). */
const burstMs = 1000;

/** How many times as many places as are free the keys of one tenant may have together. */
const tenantShare = 3;

/**
 * Measured with 16 connections (docs/adr/0015): twice as many calls as connections keep them busy, since a call computes
 * between its statements.
 */
export function limitsFor(connections: number): AdmissionLimits {
  return {
    patienceMs: 10_000,
    ofUser: Math.max(2, Math.ceil(connections / 4)),
    login: {
      turns: 2 * connections,
      turnsPressed: 2 * connections,
      burst: 64 * connections,
      standing: 16 * connections,
      modest: Math.ceil(connections / 2),
    },
    other: {
      turns: Math.ceil(connections / 2),
      turnsPressed: Math.ceil(connections / 8),
      burst: 64 * connections,
      standing: 16 * connections,
      modest: Math.ceil(connections / 8),
    },
  };
}

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

export class Admission {
  private readonly lanes: Record<LaneName, Lane>;

  /**
   * @param refused told of each call that gets no place, or no turn
   * @param now milliseconds that only ever grow
   */
  constructor(
    limits: AdmissionLimits,
    refused: (lane: LaneName, sharer: Sharer) => void = () => undefined,
    now: () => number = () => performance.now(),
  ) {
    const shares = new Shares(limits.ofUser);
    const lane = (name: LaneName) =>
      new Lane(limits[name], {
        patienceMs: limits.patienceMs,
        shares,
        now,
        afterTurn: () => this.goOn(),
        refused: (sharer) => refused(name, sharer),
      });
    this.lanes = { login: lane('login'), other: lane('other') };
  }

  /** @returns undefined where the caller has its share */
  enter(lane: LaneName, sharer: Sharer): Place | undefined {
    return this.lanes[lane].enter(sharer);
  }

  /** Calls that have a place, and those of them that wait for their turn. */
  count(lane: LaneName): { readonly inside: number; readonly waiting: number } {
    const { inside, waiting } = this.lanes[lane];
    return { inside, waiting };
  }

  /** A turn was given back. */
  private goOn(): void {
    const { login, other } = this.lanes;
    login.goOn();
    other.pressed = login.waiting > 0;
    other.goOn();
  }
}

class Lane {
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
      readonly shares: Shares;
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

/** What each user has of the turns. Who waits here takes nothing but the own place. */
class Shares {
  private readonly taken = new Counts();
  private readonly lines = new Map<string, Set<() => void>>();

  constructor(private readonly most: number) {}

  /** @returns what gives it back, once; undefined where the user has as many as may be */
  take(user: string): (() => void) | undefined {
    if (this.taken.get(user) >= this.most) return undefined;
    this.taken.add(user, 1);
    return once(() => {
      this.taken.add(user, -1);
      const [next] = this.lines.get(user) ?? [];
      next?.();
    });
  }

  waitFor(user: string, patienceMs: number): Promise<(() => void) | undefined> {
    const share = this.take(user);
    if (share) return Promise.resolve(share);
    return new Promise((resolve) => {
      const line = this.lines.get(user) ?? new Set();
      const leave = (given: (() => void) | undefined) => {
        clearTimeout(impatience);
        line.delete(next);
        if (line.size === 0) this.lines.delete(user);
        resolve(given);
      };
      const next = () => leave(this.take(user));
      const impatience = setTimeout(() => leave(undefined), patienceMs);
      this.lines.set(user, line.add(next));
    });
  }
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}

/** `work`, but the second time is nothing. */
function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

/** How many each has; whoever has none takes no memory. */
class Counts {
  private readonly counts = new Map<string, number>();

  get(id: string): number {
    return this.counts.get(id) ?? 0;
  }

  add(id: string, change: number): void {
    const count = this.get(id) + change;
    if (count === 0) this.counts.delete(id);
    else this.counts.set(id, count);
  }
}
