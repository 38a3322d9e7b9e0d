import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Progress } from './progress.js';

const outputTo = (isTTY: boolean, said: string[]) =>
  ({ isTTY, write: (text: string) => said.push(text) }) as unknown as NodeJS.WriteStream;

describe('progress', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** 100,000 entries in 10 s. */
  function countMany(progress: Progress) {
    for (let entry = 0; entry < 100_000; entry += 1) {
      if (entry % 1000 === 0) jest.advanceTimersByTime(100);
      progress.count();
    }
  }

  test('is told on a terminal now and then, and taken back', () => {
    const said: string[] = [];
    const progress = new Progress(outputTo(true, said));
    countMany(progress);
    progress.end();
    expect(said.length).toBeGreaterThan(10);
    expect(said.length).toBeLessThan(25);
    const [erase = ''] = said.slice(-1);
    expect(erase).toBe('\r\u001b[K');
    expect(said[0]?.replace(erase, '')).toMatch(/^[\d,]+ entries, [\d,]+ each second$/);
  });

  test('is not told where nobody watches, and not taken back where it was not told', () => {
    const said: string[] = [];
    const unwatched = new Progress(outputTo(false, said));
    countMany(unwatched);
    unwatched.end();
    new Progress(outputTo(true, said)).end();
    expect(said).toEqual([]);
  });
});
