import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { DeliveryChannel, SendResult } from '#contracts';
import { RouteTable } from './route-table.js';

const channel = (name: string): DeliveryChannel => ({ name, send: async () => sent });
const sent: SendResult = { outcome: 'sent', reference: null, price: null };
const unknown: SendResult = { outcome: 'unknown', error: 'broken-off' };
const refused: SendResult = { outcome: 'permanent', error: 'no-such-number' };
const busy: SendResult = { outcome: 'transient', error: 'http-429', retryAfterMs: 30_000 };

/** Lets the breaker hear of what has ended. */
const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

async function attempts(table: RouteTable, name: string, results: readonly SendResult[]): Promise<void> {
  for (const result of results) {
    table.route(name).begin(false).end(result);
    await settled();
  }
}

const times = (count: number, result: SendResult) => Array.from({ length: count }, () => result);

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a route that fails', () => {
  test('is left alone after eight faults on end, and what an operator is told of it is one opening', async () => {
    const table = new RouteTable([channel('first'), channel('second')]);
    const told: unknown[] = [];
    table.onState((...state) => told.push(state));
    await attempts(table, 'first', times(7, unknown));
    expect(table.usable(null)).toEqual(['first', 'second']);
    await attempts(table, 'first', times(5, unknown));
    expect(table.usable(null)).toEqual(['second']);
    expect(table.offer().order).toEqual({ '*': ['second'] });
    expect(told).toEqual([['first', 'open', 2000]]);
    expect(table.figures[0]).toMatchObject({ route: 'first', state: 'open', openings: 1, underWay: 0 });
  });

  test('is left alone where more than half of its attempts fail, and not where every fifth does', async () => {
    const table = new RouteTable([channel('bad'), channel('fair')]);
    const mixed = (every: (place: number) => boolean) =>
      Array.from({ length: 200 }, (_, place) => (every(place) ? unknown : sent));
    await attempts(
      table,
      'fair',
      mixed((place) => place % 5 === 0),
    );
    expect(table.usable(null)).toEqual(['bad', 'fair']);
    await attempts(
      table,
      'bad',
      mixed((place) => place % 3 !== 0),
    );
    expect(table.usable(null)).toEqual(['fair']);
  });

  test('is not blamed for what it refuses of single messages', async () => {
    const table = new RouteTable([channel('first')]);
    await attempts(table, 'first', times(100, refused));
    expect(table.usable(null)).toEqual(['first']);
  });

  test('is probed by one delivery after a pause, again after twice as long, and used again when that succeeds', async () => {
    const table = new RouteTable([channel('first'), channel('second')]);
    await attempts(table, 'first', times(8, unknown));
    jest.advanceTimersByTime(2001);
    const probing = table.offer();
    expect(probing.order).toEqual({ '*': ['first', 'second'] });
    // Only one.
    expect(table.offer().order).toEqual({ '*': ['second'] });
    expect(table.figures[0]?.state).toBe('half-open');
    expect(probing.settle('first')).toBe(true);
    table.route('first').begin(true).end(unknown);
    await settled();
    jest.advanceTimersByTime(2001);
    expect(table.offer().order).toEqual({ '*': ['second'] });
    jest.advanceTimersByTime(2001);
    const again = table.offer();
    expect(again.settle('first')).toBe(true);
    const probe = table.route('first').begin(true);
    expect(table.usable(null)).toEqual(['second']);
    probe.end(sent);
    await settled();
    expect(table.usable(null)).toEqual(['first', 'second']);
  });

  test('may be probed by another, where the delivery that was offered the probe took none', async () => {
    const table = new RouteTable([channel('first'), channel('second')]);
    await attempts(table, 'first', times(8, unknown));
    jest.advanceTimersByTime(2001);
    expect(table.offer().settle(undefined)).toBe(false);
    expect(table.offer().settle('second')).toBe(false);
    expect(table.offer().order).toEqual({ '*': ['first', 'second'] });
  });

  test('and is the only one leaves nothing to offer, until its probe is due', async () => {
    const table = new RouteTable([channel('first')]);
    await attempts(table, 'first', times(8, unknown));
    expect(table.offer().isEmpty).toBe(true);
    const wait = table.blockedMs(null);
    expect(wait).toBeGreaterThanOrEqual(1900);
    expect(wait).toBeLessThan(3100);
  });
});

describe('how much a route is given', () => {
  test('is bounded, and what is beyond goes to the next', () => {
    const table = new RouteTable([channel('first'), channel('second')], undefined, 5);
    const begun = Array.from({ length: 20 }, () => table.route('first').begin(false));
    expect(table.usable(null)).toEqual(['second']);
    begun[0]?.end(sent);
    expect(table.usable(null)).toEqual(['first', 'second']);
    // A claim that is under way may take what is left.
    const offer = table.offer();
    expect(table.offer().order).toEqual({ '*': ['second'] });
    offer.settle('second');
    expect(table.usable(null)).toEqual(['first', 'second']);
  });

  test('falls by halves while a third is refused for now or given up, and rises again', async () => {
    const table = new RouteTable([channel('first')], undefined, 50);
    const limit = () => table.figures[0]?.limit;
    expect(limit()).toBe(200);
    const throttled: SendResult = { outcome: 'transient', error: 'http-429' };
    await attempts(table, 'first', [...times(10, throttled), ...times(10, sent)]);
    expect(limit()).toBe(100);
    for (let round = 0; round < 20; round += 1) await attempts(table, 'first', times(20, throttled));
    expect(limit()).toBe(10);
    await attempts(table, 'first', times(20 * 10, sent));
    expect(limit()).toBe(200);
    // Every fifth hangs: it stays.
    for (let round = 0; round < 50; round += 1) await attempts(table, 'first', [...times(4, sent), unknown]);
    expect(limit()).toBe(200);
  });

  test('a worker waits for three times what is usual, and less the more are under way', async () => {
    const table = new RouteTable([channel('first')], undefined, 5);
    const route = table.route('first');
    expect(route.begin(false).freeMs).toBeGreaterThan(900);
    for (let round = 0; round < 64; round += 1) {
      const attempt = route.begin(false);
      jest.advanceTimersByTime(100);
      attempt.end(sent);
    }
    expect(table.figures[0]?.usualMs).toBe(100);
    const waits = Array.from({ length: 18 }, () => route.begin(false).freeMs);
    expect(waits[0]).toBeLessThanOrEqual(300);
    expect(waits.at(-1)).toBeLessThan(50);
    expect(waits).toEqual(waits.toSorted((a, b) => b - a));
  });
});

test('a route that asks for rest comes last while there are others', async () => {
  const table = new RouteTable([channel('first'), channel('second')]);
  await attempts(table, 'first', [busy]);
  expect(table.usable(null)).toEqual(['second', 'first']);
  jest.advanceTimersByTime(30_001);
  expect(table.usable(null)).toEqual(['first', 'second']);
  const alone = new RouteTable([channel('only')]);
  await attempts(alone, 'only', [busy]);
  expect(alone.usable(null)).toEqual(['only']);
});

test('only countries whose order differs now are told to a claim', () => {
  const table = new RouteTable([channel('first'), channel('second')], {
    '*': ['first', 'second'],
    NL: ['second'],
    BE: ['first', 'second'],
  });
  expect(table.offer().order).toEqual({ '*': ['first', 'second'], NL: ['second'] });
});
