import { beforeEach, describe, expect, it } from '@jest/globals';
import { EndpointTurns, mostAtOnce, type Endpoint, type Turn } from './endpoint-turns.js';

let now = 0;
let turns: EndpointTurns;
beforeEach(() => {
  now = 0;
  turns = new EndpointTurns(
    () => now,
    () => 0.5,
  );
});

const endpoint = (name: string, failing = false, tenantId = `tenant of ${name}`): Endpoint => ({
  webhookId: name,
  tenantId,
  failing,
});
const takeAll = (of: Endpoint, count: number) => Array.from({ length: count }, () => turns.take(of));
const isTurn = (taken: Turn | number): taken is Turn => typeof taken !== 'number';
const granted = (taken: readonly (Turn | number)[]) => taken.filter(isTurn);
const pauses = (taken: readonly (Turn | number)[]) => taken.filter((each) => typeof each === 'number');

describe('turns of endpoints', () => {
  it('gives an endpoint ten, one that fails a single one', () => {
    expect(granted(takeAll(endpoint('a'), 30)).length).toBe(10);
    const failing = granted(takeAll(endpoint('b', true), 30));
    expect(failing.length).toBe(1);
    failing[0]?.end();
    expect(granted(takeAll(endpoint('b', true), 30)).length).toBe(1);
  });

  it('has room for others, whatever endpoints of one tenant do', () => {
    for (let n = 0; n < 200; n += 1) takeAll(endpoint(`slow ${n}`, false, 'one'), 10);
    const others = Array.from({ length: 20 }, (_, n) => turns.take(endpoint(`good ${n}`)));
    expect(granted(others).length).toBe(20);
  });

  it('gives less to each, the fuller it is, and never more than there is', () => {
    const each = Array.from({ length: 60 }, (_, n) => granted(takeAll(endpoint(`slow ${n}`), 10)).length);
    expect(each[0]).toBe(10);
    expect(each.reduce((sum, count) => sum + count)).toBe(mostAtOnce);
    expect(each.filter((count) => count > 0).length).toBeGreaterThan(20);
  });

  it('has what finds no room come again as fast as it is got through', () => {
    const slow = endpoint('slow');
    for (let round = 0; round < 30; round += 1) {
      const taken = granted(takeAll(slow, 10));
      now += 1000;
      for (const turn of taken) turn.end();
    }
    takeAll(slow, 10);
    const waits = pauses(takeAll(slow, 100));
    // Ten at once of a second each: one every 100 ms.
    expect(waits[0]).toBeCloseTo(100, -1);
    expect(waits[99]).toBeCloseTo(10_000, -2);
  });

  it('has what finds no room come again hundreds of times a second, where attempts take milliseconds', () => {
    const quick = endpoint('quick');
    for (let round = 0; round < 30; round += 1) {
      const taken = granted(takeAll(quick, 10));
      now += 5;
      for (const turn of taken) turn.end();
    }
    takeAll(quick, 10);
    const waits = pauses(takeAll(quick, 1000));
    expect(Math.max(...waits)).toBeLessThan(1000);
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
  });

  it('looks the more seldom at what waits for an endpoint, the longer that has said nothing', () => {
    const silent = endpoint('silent');
    takeAll(silent, 10);
    const due = Array.from({ length: 1000 }, () => 0);
    const looks: number[] = [];
    // For as long as an attempt may take.
    for (; now < 15_000; now += 10) {
      for (const [message, at] of due.entries()) {
        if (at > now) continue;
        looks.push(now);
        due[message] = now + Number(turns.take(silent));
      }
    }
    const between = (from: number, to: number) => looks.filter((at) => at >= from && at < to).length;
    // Each as it comes, and once more as fast as the endpoint was thought to be.
    expect(between(0, 10_000)).toBeLessThan(2500);
    expect(between(11_000, 15_000)).toBeLessThan(100);
  });

  it('looks at ten thousand messages of a dead endpoint a few times a second', () => {
    const dead = endpoint('dead', true);
    takeAll(dead, 1);
    const waits = pauses(takeAll(dead, 10_000));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    const looksInASecond = (at: number) => waits.filter((wait) => wait >= at && wait < at + 1000).length;
    expect(Math.max(...[0, 1, 10, 60, 120].map((second) => looksInASecond(second * 1000)))).toBeLessThan(11);
    expect(Math.max(...waits)).toBeLessThanOrEqual(300_000);
  });

  it('looks no more often at what waits for an endpoint that has just failed, however quick it was to say so', () => {
    const failing = endpoint('failing');
    const first = granted(takeAll(failing, 10));
    now = 3;
    for (const turn of first) turn.end({ failed: true });
    // What the database said of it was read before that.
    expect(granted(takeAll(failing, 10)).length).toBe(1);
    const waits = pauses(takeAll(failing, 2000)).toSorted((a, b) => a - b);
    expect(waits.filter((wait) => wait < 10_000).length).toBeLessThan(101);
  });

  it('gives an endpoint its share again with the first message that it takes', () => {
    const [turn] = granted(takeAll(endpoint('a'), 1));
    turn?.end({ failed: true });
    const [one] = granted(takeAll(endpoint('a'), 10));
    one?.end({ failed: false });
    expect(granted(takeAll(endpoint('a'), 10)).length).toBe(10);
  });

  it('calls nobody who asks not to be called', () => {
    const busy = endpoint('busy');
    granted(takeAll(busy, 1))[0]?.end({ closedMs: 30_000 });
    expect(pauses([turns.take(busy)])[0]).toBeGreaterThan(30_000);
    now = 30_000;
    expect(granted([turns.take(busy)]).length).toBe(1);
    expect(granted([turns.take(endpoint('other'))]).length).toBe(1);
  });

  it('forgets endpoints that nothing waits for', () => {
    for (let n = 0; n < 5000; n += 1) granted([turns.take(endpoint(`${n}`))])[0]?.end();
    expect(turns['standings'].size).toBeLessThan(1002);
  });
});
