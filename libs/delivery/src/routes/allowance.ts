/** Attempts after which the limit is looked at, and the share of bad ones from which it falls. */
const look = 20;
const tooBad = 1 / 3;
/** Answers whose time says what is usual. */
const remembered = 64;
const usualShare = 0.95;

/**
 * How many attempts a route may have under way at once. Falls to half where many of them fail, are refused for now or are given
 * up, and rises again by a tenth: less is asked of a provider that has too much, and nothing waits behind one that hangs now and
 * then. (A limit that fell with each slow answer, as TCP's, would throttle a provider of which every fifth request hangs.)
 */
export class Allowance {
  private allowed: number;
  private readonly least: number;
  private readonly times: number[] = [];
  private answers = 0;
  private ended = 0;
  private bad = 0;
  private usual: number | null = null;
  underWay = 0;
  /** Claims that may become attempts. */
  offered = 0;

  /** @param most while all goes well */
  constructor(readonly most: number) {
    this.allowed = most;
    this.least = Math.max(1, Math.floor(most / 20));
  }

  get limit(): number {
    return Math.floor(this.allowed);
  }

  get hasRoom(): boolean {
    return this.underWay + this.offered < this.limit;
  }

  /** Time in which 95 % of the last answers came, in ms; null before there are a few. */
  get usualMs(): number | null {
    return this.usual;
  }

  begin(): void {
    this.underWay += 1;
  }

  /** @param ms until its answer; null where it was given up */
  end(isBad: boolean, ms: number | null): void {
    this.underWay -= 1;
    if (ms !== null) this.remember(ms);
    this.ended += 1;
    if (isBad) this.bad += 1;
    if (this.ended < look) return;
    this.allowed =
      this.bad > this.ended * tooBad
        ? Math.max(this.least, this.allowed / 2)
        : Math.min(this.most, this.allowed + this.most / 10);
    this.ended = 0;
    this.bad = 0;
  }

  private remember(ms: number): void {
    this.times[this.answers % remembered] = ms;
    this.answers += 1;
    if (this.answers % 8 !== 0) return;
    const sorted = this.times.toSorted((a, b) => a - b);
    this.usual = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * usualShare))] ?? null;
  }
}
