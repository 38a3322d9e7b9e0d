import { describe, expect, it } from '@jest/globals';
import { lockSchedule } from './lockout.js';

describe('the schedule of locks', () => {
  const rules = { free: 5, baseSeconds: 30, maxSeconds: 3600, disableAt: 50 };

  it('leaves four free, locks 30 s at the fifth, doubles to an hour, and ends at fifty', () => {
    const schedule = lockSchedule(rules);
    expect(schedule).toHaveLength(50);
    expect(schedule.slice(0, 13)).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    expect(new Set(schedule.slice(11))).toEqual(new Set([3600]));
  });

  it('makes fifty guesses take more than a day and a half', () => {
    // The last entry disables instead.
    const seconds = lockSchedule(rules)
      .slice(0, 49)
      .reduce((total, lock) => total + lock, 0);
    expect(seconds / 3600).toBeGreaterThan(36);
  });

  it('fits the integers of the database at every bound of the policy', () => {
    for (const free of [1, 20]) {
      for (const disableAt of [free, 100]) {
        const schedule = lockSchedule({ free, baseSeconds: 3600, maxSeconds: 86_400, disableAt });
        expect(schedule).toHaveLength(disableAt);
        expect(schedule.every((lock) => Number.isInteger(lock) && lock >= 0 && lock <= 86_400)).toBe(true);
        expect(schedule.slice(free - 1).every((lock) => lock >= 3600)).toBe(true);
      }
    }
  });

  it('never gets shorter', () => {
    const schedule = lockSchedule({ free: 1, baseSeconds: 7, maxSeconds: 86_400, disableAt: 100 });
    expect(schedule).toEqual(schedule.toSorted((a, b) => a - b));
  });
});
