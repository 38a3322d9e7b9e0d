import { describe, expect, test } from '@jest/globals';
import { pauseAskedForMs, pauseInDoubtMs, pauseMs } from './pauses.js';

const even = () => 0.5;
const minute = 60_000;
const day = 24 * 60 * minute;

/** When each try begins, in seconds, of a message that is refused for now each time. */
function triesOf(spanMs: number): number[] {
  const starts = [0];
  for (let at = 0; ;) {
    at += pauseMs(starts.length, spanMs, even);
    if (at >= spanMs) return starts;
    starts.push(at / 1000);
  }
}

describe('tries that sent nothing', () => {
  test('wait for as long as the provider asks, within half of what is left of their life', () => {
    expect(pauseAskedForMs(2000, 0, 5 * minute)).toBe(2000);
    expect(pauseAskedForMs(2000, 40_000, 5 * minute)).toBe(40_000);
    expect(pauseAskedForMs(2000, 60 * minute, 5 * minute)).toBe(2.5 * minute);
    expect(pauseAskedForMs(2000, 60 * minute, 3000)).toBe(2000);
  });

  test('of a code go on for as long as it lives', () => {
    expect(triesOf(5 * minute)).toEqual([0, 2, 6, 14, 30, 60, 90, 120, 150, 180, 210, 240, 270]);
    expect(triesOf(minute).at(-1)).toBeGreaterThan(50);
    expect(triesOf(10 * minute).at(-1)).toBeGreaterThan(530);
  });

  test('of a notice go on for its day, soon after five minutes too, and never more than half an hour apart', () => {
    const tries = triesOf(day);
    expect(tries.slice(0, 10)).toEqual([0, 2, 6, 14, 30, 62, 126, 254, 510, 1022]);
    expect(tries.at(-1)).toBeGreaterThan(23.5 * 3600);
    expect(tries.length).toBeLessThan(64);
    for (const [index, at] of tries.entries()) expect(at - (tries[index - 1] ?? 0)).toBeLessThanOrEqual(1800);
  });

  test('are spread by a quarter, however many there were', () => {
    expect(pauseMs(1, day, () => 0)).toBe(1500);
    expect(pauseMs(1, day, () => 1)).toBe(2500);
    expect(pauseMs(100_000, day, even)).toBe(30 * minute);
  });
});

test('tries that may have sent are repeated later, and each time later still', () => {
  const none = () => 0;
  expect(pauseInDoubtMs(0, true, 5 * minute, none)).toBe(minute);
  expect(pauseInDoubtMs(0, false, 5 * minute, none)).toBe(20_000);
  expect(pauseInDoubtMs(2, false, 5 * minute, none)).toBe(80_000);
  expect(pauseInDoubtMs(0, false, day, none)).toBe(day / 50);
  expect(pauseInDoubtMs(0, true, 5 * minute, () => 1)).toBe(75_000);
});
