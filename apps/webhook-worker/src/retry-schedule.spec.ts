import { describe, expect, it } from '@jest/globals';
import { fewestAttempts, givenUpAfterMs, pauseMs } from './retry-schedule.js';

const [second, minute, hour] = [1000, 60_000, 3_600_000];
const exact = (attempts: number, ageMs = 0, retryAfterMs = 0) => pauseMs(attempts, ageMs, retryAfterMs, () => 0);

describe('the schedule of attempts', () => {
  it('is as published', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15].map((attempts) => exact(attempts));
    const hours = [2, 5, 10, 12, 12, 12].map((count) => count * hour);
    expect(pauses).toEqual([5 * second, minute, 5 * minute, 30 * minute, ...hours]);
  });

  it('is spread by a tenth, and never early', () => {
    expect(pauseMs(1, 0, 0, () => 1)).toBe(5500);
  });

  it('ends five days after the first attempt, with an attempt at the end', () => {
    let age = 0;
    let attempts = 1;
    for (let pause = exact(1); pause !== undefined; pause = exact(attempts, age)) {
      age += pause;
      attempts += 1;
      expect(attempts).toBeLessThan(30);
    }
    expect(age).toBe(givenUpAfterMs);
    expect(attempts).toBe(17);
  });

  it('gives nothing up for time in which no worker ran', () => {
    const week = 7 * 24 * hour;
    expect(fewestAttempts).toBe(8);
    expect([1, 2, 7].map((attempts) => exact(attempts, week))).toEqual([5 * second, minute, 10 * hour]);
    expect(exact(8, week)).toBeUndefined();
    // Of one that asks for as much time as it may, there are more in five days.
    let [age, attempts] = [0, 1];
    for (let pause = exact(1, 0, week); pause !== undefined; pause = exact(attempts, age, week)) {
      age += pause;
      attempts += 1;
    }
    expect(age).toBe(givenUpAfterMs);
    expect(attempts).toBeGreaterThan(fewestAttempts);
  });

  it('waits as long as a receiver asks, and no longer than its longest pause', () => {
    expect(exact(1, 0, minute)).toBe(minute);
    expect(exact(2, 0, 1)).toBe(minute);
    expect(exact(1, 0, 1000 * hour)).toBe(12 * hour);
  });
});
