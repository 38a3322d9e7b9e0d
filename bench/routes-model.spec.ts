import { beforeAll, describe, expect, it } from '@jest/globals';
import { fixed, learned, oracle, providers, run, type Model, type Result } from './routes-model.ts';

/** By their prices, as somebody would who knows nothing else of them. */
const cheapestFirst = ['liar', 'slow', 'patchy', 'sure'] as const;
const outage = { provider: 'patchy', from: 0.4, until: 0.6 } as const;
const inOutage = 2;

describe.each([1, 2])('an order that learns, with seed %i', (seed) => {
  const model: Model = { seed, codes: 8000, perTurn: 50, outage };
  const order = learned(cheapestFirst);
  let [learning, best, cheapest, patchy, sure] = [] as unknown as [Result, Result, Result, Result, Result];
  beforeAll(() => {
    learning = run(model, order);
    best = run(model, oracle(model));
    cheapest = run(model, fixed(...cheapestFirst));
    patchy = run(model, fixed('patchy'));
    sure = run(model, fixed('sure'));
  });

  it('gets far more codes entered than the order of prices, and than a good provider with a dead country', () => {
    expect(learning.entered).toBeGreaterThan(cheapest.entered + 0.3);
    expect(learning.entered).toBeGreaterThan(patchy.entered + 0.2);
  });

  it('comes close to whoever knows the providers, for less than by the dear one alone', () => {
    expect(learning.entered).toBeGreaterThan(best.entered - 0.05);
    expect(learning.medianSeconds).toBeLessThan(best.medianSeconds * 1.25);
    expect(learning.costPerEntered).toBeLessThan(sure.costPerEntered);
    expect(learning.costPerEntered).toBeLessThan(best.costPerEntered * 1.35);
  });

  it('leaves a provider that dies, within what it takes to see it', () => {
    expect(patchy.fifths[inOutage]).toBe(0);
    expect(learning.fifths[inOutage]).toBeGreaterThan(0.8);
  });

  it('drains the one that only says that it delivers, and the dead one in its country alone', () => {
    const stateOf = (country: 'NL' | 'CZ', route: keyof typeof providers) =>
      order.ranked.get(country)?.find((each) => each.route === route)?.state;
    expect([stateOf('NL', 'liar'), stateOf('CZ', 'liar')]).toEqual(['drained', 'drained']);
    expect(stateOf('CZ', 'patchy')).toBe('drained');
    expect(stateOf('NL', 'patchy')).not.toBe('drained');
    expect(stateOf('CZ', 'sure')).toBe('leading');
  });

  it('is no weathercock: a handful of changes for each country, and the same again from the same seed', () => {
    expect(learning.changes).toBeLessThan(3 * 8);
    expect(run({ ...model, codes: 2000 }, learned(cheapestFirst))).toEqual(
      run({ ...model, codes: 2000 }, learned(cheapestFirst)),
    );
  });
});
