import { Counts } from './counts.js';
import { once } from './once.js';

/** What each user has of the turns. Who waits here takes nothing but the own place. */
export class UserShares {
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
