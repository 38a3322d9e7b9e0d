import { describe, expect, it } from '@jest/globals';
import { orderFor, Trials } from '../routes/trials.js';
import { rankRoutes, type KnownRoute } from './rank-routes.js';
import { fade, learn, nothingKnown, type Knowledge } from './route-knowledge.js';

interface Figures {
  readonly codes: number;
  readonly rate: number;
  readonly entrySeconds?: number;
  readonly receiptSeconds?: number;
  readonly price?: number;
}

/** Told in turns of 10 codes. */
function known({ codes, rate, entrySeconds = 10, receiptSeconds, price }: Figures, before = nothingKnown): Knowledge {
  let knowledge = before;
  for (let n = 0; n < codes; n += 10) {
    const entered = Math.round((n + 10) * rate) - Math.round(n * rate);
    const receipts = receiptSeconds === undefined ? 0 : entered;
    const receiptMs = receipts * (receiptSeconds ?? 0) * 1000;
    const priced = price === undefined ? 0 : 10;
    const entryMs = entered * entrySeconds * 1000;
    knowledge = learn(knowledge, {
      codes: 10,
      entered,
      entryMs,
      receipts,
      receiptMs,
      priced,
      cost: priced * (price ?? 0),
    });
  }
  return knowledge;
}

const route = (name: string, figures: Figures, state: KnownRoute['state'] = null): KnownRoute => ({
  route: name,
  state,
  known: known(figures),
});
const ranked = (...routes: KnownRoute[]) => {
  const { routes: order, moves } = rankRoutes(routes);
  return { order: order.map((each) => each.route), states: order.map(({ state }) => state), moves };
};

describe('rankRoutes', () => {
  it('keeps the order that it is given while it knows nothing, and tries each of the others', () => {
    const { order, states, moves } = ranked(
      route('a', { codes: 0, rate: 0 }),
      route('b', { codes: 0, rate: 0 }),
      route('c', { codes: 0, rate: 0 }),
    );
    expect([order, states, moves]).toEqual([['a', 'b', 'c'], ['leading', 'trial', 'trial'], []]);
  });

  it('puts first whose codes are entered, and says why', () => {
    expect(ranked(route('a', { codes: 400, rate: 0.6 }), route('b', { codes: 200, rate: 0.8 }))).toEqual({
      order: ['b', 'a'],
      states: ['leading', 'standing_by'],
      moves: [{ route: 'b', over: 'a', reason: 'conversion' }],
    });
  });

  it('lets no lucky start pass one that is proven', () => {
    expect(ranked(route('a', { codes: 400, rate: 0.7 }), route('b', { codes: 10, rate: 1 })).order).toEqual(['a', 'b']);
  });

  it.each([
    ['entry_time', { entrySeconds: 30 }, { entrySeconds: 12 }],
    ['receipt_time', { receiptSeconds: 8 }, { receiptSeconds: 2 }],
    ['cost', { price: 0.09 }, { price: 0.04 }],
  ] as const)('decides by %s where as many are entered', (reason, worse, better) => {
    const [a, b] = [route('a', { codes: 300, rate: 0.8, ...worse }), route('b', { codes: 300, rate: 0.8, ...better })];
    expect(ranked(a, b).moves).toEqual([{ route: 'b', over: 'a', reason }]);
    expect(ranked(b, a).moves).toEqual([]);
  });

  it('takes no cheap or quick one whose codes are not entered', () => {
    const dear = route('dear', { codes: 300, rate: 0.9, price: 0.09, receiptSeconds: 8 });
    const liar = route('liar', { codes: 300, rate: 0.5, price: 0.01, receiptSeconds: 0.1 });
    expect(ranked(dear, liar).order).toEqual(['dear', 'liar']);
    expect(ranked(liar, dear).order).toEqual(['dear', 'liar']);
  });

  it('lets no two that are nearly equal take turns, whoever stands first', () => {
    const one = route('one', { codes: 400, rate: 0.8, entrySeconds: 10, price: 0.05 });
    const other = route('other', { codes: 400, rate: 0.82, entrySeconds: 11, price: 0.048 });
    expect(ranked(one, other).order).toEqual(['one', 'other']);
    expect(ranked(other, one).order).toEqual(['other', 'one']);
  });

  it('drains a dead one, and says when it is back', () => {
    const good = route('good', { codes: 300, rate: 0.8 });
    const dead = route('dead', { codes: 100, rate: 0 }, 'leading');
    const drained = ranked(dead, good);
    expect(drained.states).toEqual(['leading', 'drained']);
    expect(drained.moves).toEqual([{ route: 'dead', over: null, reason: 'drained' }]);
    expect(ranked(good, { ...dead, state: 'drained' }).moves).toEqual([]);
    const back = { ...dead, state: 'drained' as const, known: known({ codes: 40, rate: 0.8 }, dead.known) };
    expect(ranked(good, back)).toMatchObject({ states: ['leading', 'standing_by'], moves: [{ reason: 'recovered' }] });
  });

  it('drains none where nothing arrives by any', () => {
    const routes = ['a', 'b', 'c'].map((name) => route(name, { codes: 100, rate: 0 }));
    expect(ranked(...routes)).toEqual({
      order: ['a', 'b', 'c'],
      states: ['leading', 'standing_by', 'standing_by'],
      moves: [],
    });
  });
});

describe('what is known of a route', () => {
  it('is past once it dies: thirty codes outweigh a thousand before them', () => {
    const died = known({ codes: 30, rate: 0 }, known({ codes: 1000, rate: 0.9 }));
    expect(died.entered / died.codes).toBeLessThan(0.2);
  });

  it('is past once it is back, also where all of that is told at once', () => {
    const dead = known({ codes: 60, rate: 0 });
    const back = learn(dead, { ...nothingKnown, codes: 400, entered: 360, entryMs: 3_600_000 });
    expect(back.entered / back.codes).toBeCloseTo(0.9, 6);
  });

  it('is not past by a bad moment', () => {
    const { codes, entered } = known({ codes: 10, rate: 0.5 }, known({ codes: 1000, rate: 0.9 }));
    expect(codes).toBeGreaterThan(300);
    expect(entered / codes).toBeGreaterThan(0.88);
  });

  it('fades while nobody sends by it, and keeps its shares', () => {
    const before = known({ codes: 1000, rate: 0.9 });
    const after = fade(before, 30 * 86_400_000);
    expect(after.codes).toBeLessThan(1);
    expect(after.entered / after.codes).toBeCloseTo(before.entered / before.codes, 6);
  });
});

describe('orderFor', () => {
  const routes = [
    { route: 'a', oneIn: null },
    { route: 'b', oneIn: 10 },
    { route: 'c', oneIn: 50 },
  ];
  const ids = Array.from({ length: 20_000 }, (_, n) => `dlv_${n.toString(36).padStart(26, '0')}`);

  it('begins with each as often as it is to be tried, and keeps the others behind', () => {
    const orders = ids.map((id) => orderFor(routes, id).join(''));
    const share = (order: string) => orders.filter((each) => each === order).length / ids.length;
    expect(share('bac')).toBeCloseTo(0.1, 2);
    expect(share('cab')).toBeCloseTo(0.02, 2);
    expect(share('abc')).toBeCloseTo(0.88, 2);
  });

  it('says the same of a message each time', () => {
    expect(ids.slice(0, 100).map((id) => orderFor(routes, id))).toEqual(
      ids.slice(0, 100).map((id) => orderFor(routes, id)),
    );
  });

  it('is placed where the message goes, whatever the countries have in common, and never by a route that is out of use', () => {
    const few = ids.slice(0, 3000);
    const trials = new Trials();
    trials.set('*', routes);
    trials.set('NL', [
      { route: 'b', oneIn: null },
      { route: 'a', oneIn: 5 },
    ]);
    const offer = { '*': ['a', 'b', 'c'], NL: ['b', 'a'], DK: ['c'] };
    const firsts = few.map((id) => {
      const placed = trials.place(id, offer);
      return ['NL', 'DK', 'SE'].map((country) => (placed[country] ?? placed['*'])?.[0]).join('');
    });
    const share = (country: number, route: string) =>
      firsts.filter((each) => each[country] === route).length / few.length;
    expect([share(0, 'a'), share(1, 'c'), share(2, 'b')]).toEqual([expect.closeTo(0.2, 1), 1, expect.closeTo(0.1, 1)]);
    expect(few.some((id) => trials.place(id, { '*': ['a', 'b'] })['*']?.[0] === 'c')).toBe(false);
    // Left out of the offer, since its routes are those of all.
    const usual = few.filter((id) => trials.place(id, { '*': ['b', 'a'] })['NL']?.[0] === 'a').length;
    expect(usual / few.length).toBeCloseTo(0.2, 1);
  });
});
