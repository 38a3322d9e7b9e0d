import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Admission } from './admission.js';
import { limitsFor, type LaneName } from './admission-limits.js';
import type { Place, Sharer } from './lane.js';

const limits = {
  patienceMs: 2000,
  ofUser: 2,
  login: { turns: 4, turnsPressed: 4, burst: 40, standing: 12, modest: 2 },
  other: { turns: 3, turnsPressed: 1, burst: 20, standing: 8, modest: 1 },
};

let clock: number;
let refused: string[];
let admission: Admission;
beforeEach(() => {
  jest.useFakeTimers();
  clock = 0;
  refused = [];
  admission = new Admission(
    limits,
    (lane, { apiKeyId }) => refused.push(`${lane} ${apiKeyId}`),
    () => clock,
  );
});
afterEach(() => {
  jest.useRealTimers();
});

const sharer = (key: string, tenant = `tenant of ${key}`): Sharer => ({ apiKeyId: key, tenantId: tenant });

/** Takes as many places as there are to be had. */
function flood(lane: LaneName, who: Sharer): Place[] {
  const places: Place[] = [];
  for (let place = admission.enter(lane, who); place; place = admission.enter(lane, who)) places.push(place);
  return places;
}

/** Asks for a turn for each; afterwards, `given` are those that have one, in the order in which they got it. */
function queue(places: readonly Place[]) {
  const given: { readonly number: number; readonly giveBack: () => void }[] = [];
  const late: number[] = [];
  places.forEach((place, number) => {
    void place.waitForTurn().then((giveBack) => {
      if (giveBack) given.push({ number, giveBack });
      else late.push(number);
    });
  });
  return { given, late };
}

const settled = () => jest.advanceTimersByTimeAsync(0);

describe('places', () => {
  test.each(['login', 'other'] as const)('in the lane %s: one that floods gets half, and others find room', (lane) => {
    const { burst } = limits[lane];
    expect(flood(lane, sharer('a'))).toHaveLength(burst / 2);
    expect(flood(lane, sharer('b'))).toHaveLength(burst / 4);
    expect(admission.enter(lane, sharer('c'))).toBeDefined();
    expect(refused).toEqual([`${lane} a`, `${lane} b`]);
  });

  test('that come free go to who has fewer', () => {
    const ofA = flood('login', sharer('a'));
    const ofB = flood('login', sharer('b'));
    expect([ofA.length, ofB.length]).toEqual([20, 10]);
    for (const place of ofA.splice(0, 6)) {
      place.leave();
      expect(admission.enter('login', sharer('a'))).toBeUndefined();
      ofB.push(...flood('login', sharer('b')));
    }
    expect([ofA.length, ofB.length]).toEqual([14, 13]);
  });

  test('are not all to be had with many keys of one tenant', () => {
    for (let key = 0; key < 100; key += 1) flood('login', sharer(`key ${key}`, 'one'));
    expect(admission.count('login').inside).toBe((limits.login.burst * 3) / 4);
    expect(flood('login', sharer('another'))).toHaveLength(5);
  });

  test('of one lane are not taken by the other', () => {
    for (let key = 0; key < 100; key += 1) flood('other', sharer(`key ${key}`));
    expect(flood('login', sharer('a'))).toHaveLength(limits.login.burst / 2);
  });

  test('come back once, however often they are given back', () => {
    const places = flood('login', sharer('a'));
    for (const place of [...places, ...places]) place.leave();
    expect(admission.count('login')).toEqual({ inside: 0, waiting: 0 });
    expect(flood('login', sharer('a'))).toHaveLength(places.length);
  });

  test('are fewer once the line stands, and as many as before once it was empty', async () => {
    const places = flood('login', sharer('a'));
    const { given } = queue(places.slice(0, 5));
    await settled();
    clock = 1000;
    places.pop()?.leave();
    places.push(...flood('login', sharer('a')));
    expect(places).toHaveLength(20);
    clock = 1001;
    places.splice(-8).forEach((place) => place.leave());
    expect(admission.enter('login', sharer('a'))).toBeUndefined();
    places.splice(-7).forEach((place) => place.leave());
    expect(admission.count('login')).toEqual({ inside: 5, waiting: 1 });
    places.push(...flood('login', sharer('a')));
    expect(places).toHaveLength(6);

    given[0]?.giveBack();
    places.push(...flood('login', sharer('a')));
    expect(places).toHaveLength(20);
  });
});

test('whoever has next to nothing finds room while the line that stands is still as long as a burst', async () => {
  const places = flood('login', sharer('a', 'one'));
  queue(places);
  await settled();
  clock = 1001;
  expect(admission.count('login').inside).toBeGreaterThan(limits.login.standing);
  expect(admission.enter('login', sharer('a', 'one'))).toBeUndefined();
  // Also with a key of the same tenant.
  expect(flood('login', sharer('b', 'one'))).toHaveLength(limits.login.modest);
  for (let key = 0; key < 100; key += 1) flood('login', sharer(`key ${key}`, 'one'));
  expect(admission.count('login').inside).toBe((limits.login.burst * 3) / 4);
  for (let key = 0; key < 100; key += 1) flood('login', sharer(`key ${key}`));
  expect(admission.count('login').inside).toBe(limits.login.burst);
});

describe('turns', () => {
  test('are given in order, to so many at once', async () => {
    const { given } = queue(flood('login', sharer('a')).slice(0, 7));
    await settled();
    expect(given.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    expect(admission.count('login').waiting).toBe(3);
    given[2]?.giveBack();
    given[2]?.giveBack();
    await settled();
    expect(given.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    given[0]?.giveBack();
    given[4]?.giveBack();
    await settled();
    expect(given.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('go round among the keys: few do not wait behind many', async () => {
    const ofA = queue(flood('login', sharer('a')).slice(0, 8));
    const ofB = queue(flood('login', sharer('b')).slice(0, 2));
    await settled();
    expect([ofA.given.length, ofB.given.length]).toEqual([4, 0]);
    for (const { giveBack } of ofA.given.slice(0, 4)) giveBack();
    await settled();
    expect([ofA.given.length, ofB.given.length]).toEqual([6, 2]);
  });

  test('nobody overtakes the line', async () => {
    const places = flood('login', sharer('a'));
    const { given } = queue(places.slice(0, 5));
    await settled();
    expect(places[5]?.takeTurn()).toBeUndefined();
    given[0]?.giveBack();
    expect(places[5]?.takeTurn()).toBeUndefined();
    given[1]?.giveBack();
    expect(places[5]?.takeTurn()).toBeInstanceOf(Function);
  });

  test('go to logins first, but the others have one', async () => {
    const logins = queue(flood('login', sharer('a')).slice(0, 6));
    const others = queue(flood('other', sharer('a')).slice(0, 6));
    await settled();
    expect([logins.given.length, others.given.length]).toEqual([4, 3]);
    // While logins wait …
    others.given[0]?.giveBack();
    others.given[1]?.giveBack();
    await settled();
    expect(others.given).toHaveLength(3);
    others.given[2]?.giveBack();
    await settled();
    expect(others.given).toHaveLength(4);
    // … and once none does.
    logins.given[0]?.giveBack();
    logins.given[1]?.giveBack();
    await settled();
    expect([logins.given.length, others.given.length]).toEqual([6, 6]);
  });

  test('that do not come in time are not waited for', async () => {
    const { given, late } = queue(flood('login', sharer('a')).slice(0, 6));
    refused = [];
    await jest.advanceTimersByTimeAsync(2000);
    expect(late).toEqual([4, 5]);
    expect(refused).toEqual(['login a', 'login a']);
    expect(admission.count('login').waiting).toBe(0);
    // What comes free then is nobody's, not theirs.
    for (const { giveBack } of given) giveBack();
    const next = queue(flood('login', sharer('b')).slice(0, 5));
    await settled();
    expect(next.given).toHaveLength(4);
  });
});

test.each([1, 2, 4, 10, 16, 20, 100])(
  'with %s connections lists leave some to logins, and everyone has a turn',
  (pool) => {
    const { login, other } = limitsFor(pool);
    expect(other.turns).toBeLessThan(Math.max(2, pool));
    for (const { turns, turnsPressed, standing, burst } of [login, other]) {
      expect(turnsPressed).toBeGreaterThanOrEqual(1);
      expect(turns).toBeGreaterThanOrEqual(turnsPressed);
      // A line that stands is not empty: else it would be a burst again at once.
      expect(standing / 2).toBeGreaterThan(turnsPressed);
      expect(burst).toBeGreaterThan(standing);
    }
  },
);

describe('calls about one user', () => {
  const ask = (user: string, lane: LaneName = 'login') => {
    const given: (() => void)[] = [];
    const place = admission.enter(lane, sharer('a'));
    void place?.waitForTurn(user).then((giveBack) => giveBack && given.push(giveBack));
    return given;
  };

  test('have a share of the turns, in all lanes together, and others pass by', async () => {
    const held = [ask('held'), ask('held', 'other'), ask('held'), ask('held')];
    const other = [ask('other'), ask('another')];
    await settled();
    expect(held.map(({ length }) => length)).toEqual([1, 1, 0, 0]);
    expect(other.map(({ length }) => length)).toEqual([1, 1]);
    expect(admission.count('login').waiting).toBe(0);
    expect(admission.enter('login', sharer('a'))?.takeTurn('held')).toBeUndefined();
    held[0]?.[0]?.();
    await settled();
    expect(held.map(({ length }) => length)).toEqual([1, 1, 1, 0]);
  });

  test('give up after a while, and leave nothing behind', async () => {
    const held = [ask('held'), ask('held'), ask('held')];
    await jest.advanceTimersByTimeAsync(limits.patienceMs);
    expect(held.map(({ length }) => length)).toEqual([1, 1, 0]);
    expect(refused).toEqual(['login a']);
    for (const [giveBack] of held) giveBack?.();
    const again = [ask('held'), ask('held')];
    await settled();
    expect(again.map(({ length }) => length)).toEqual([1, 1]);
  });
});
