/** When wrong codes lock, and for how long. */
export interface LockoutRules {
  /** Wrong codes in a row before the first lock. */
  readonly free: number;
  /** Length of the first lock; each wrong code after a lock doubles it. */
  readonly baseSeconds: number;
  readonly maxSeconds: number;
  /** Wrong codes in a row at which a device is disabled (NIST SP 800-63B-4 §3.2.2: at most 100). */
  readonly disableAt: number;
}

/**
 * Seconds of lock that follow the n-th wrong code in a row, at index n − 1; 0 for none. The last entry is the count
 * that disables. The statement that charges an attempt picks from it by the counter it has just raised, so that the
 * rule stands here alone and the race is decided in the database.
 */
export function lockSchedule(rules: LockoutRules): number[] {
  return Array.from({ length: rules.disableAt }, (_, index) => {
    const doublings = index + 1 - rules.free;
    if (doublings < 0) return 0;
    return Math.min(rules.baseSeconds * 2 ** Math.min(doublings, 30), rules.maxSeconds);
  });
}
