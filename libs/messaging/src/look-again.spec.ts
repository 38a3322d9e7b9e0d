import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { lookAgain } from './look-again.js';

const now = Date.parse('2026-01-01T00:00:00Z');

beforeEach(() => {
  jest.useFakeTimers({ now });
});

afterEach(() => {
  jest.useRealTimers();
});

it.each([
  [-5000, 20],
  [0, 20],
  [19.2, 20],
  [20.2, 21],
  [60_000, 60_000],
])('a row that waits for %d ms is looked at again after %d ms', (ms, later) => {
  expect(lookAgain(ms).retryAt.getTime() - now).toBe(later);
});
