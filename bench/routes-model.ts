import { learn, nothingKnown, orderFor, rankRoutes, type KnownRoute, type RankedRoute } from '#delivery';

/**
 * Four simulated SMS providers and the people who wait for their codes, to compare orders of routes. Everything follows from
 * the seed.
 */

interface Provider {
  /** Share of messages that arrive, and what that is in countries that differ. */
  readonly arrives: number;
  readonly in?: Readonly<Record<string, number>>;
  /** Of a message that arrives, in s: half of them come sooner. */
  readonly seconds: number;
  readonly price: number;
  /** Says "delivered" of every message, at once. */
  readonly lies?: true;
}

export const providers = {
  slow: { arrives: 0.97, seconds: 28, price: 0.03 },
  liar: { arrives: 0.35, seconds: 4, price: 0.02, lies: true },
  patchy: { arrives: 0.97, seconds: 4, price: 0.04, in: { CZ: 0 } },
  sure: { arrives: 0.985, seconds: 3, price: 0.09 },
} as const satisfies Record<string, Provider>;
export type ProviderName = keyof typeof providers;
const names = Object.keys(providers) as ProviderName[];

export const countries = ['NL', 'DK', 'CZ'] as const;
type Country = (typeof countries)[number];

export interface Model {
  readonly seed: number;
  /** Codes for each country. */
  readonly codes: number;
  /** Codes for each country between two looks at what became of them; what they tell is known a look later. */
  readonly perTurn: number;
  /** A provider that is dead everywhere for a part of the time. */
  readonly outage?: { readonly provider: ProviderName; readonly from: number; readonly until: number };
}

export interface Result {
  /** Share of codes that were entered within their two minutes. */
  readonly entered: number;
  /** Price of all messages, by the codes entered. */
  readonly costPerEntered: number;
  /** In s, half of the entered ones sooner. */
  readonly medianSeconds: number;
  /** Changes of the order, all countries together. */
  readonly changes: number;
  /** Of the codes of each fifth of the time, the share that was entered. */
  readonly fifths: readonly number[];
}

/** Which order a code takes, and what an order learns. */
interface Policy {
  order(country: Country, id: string, progress: number): readonly string[];
  told?(country: Country, attempts: readonly Attempt[]): void;
  readonly changes?: number;
}

interface Attempt {
  readonly route: ProviderName;
  readonly enteredMs: number | null;
  readonly receiptMs: number | null;
}

const inTimeSeconds = 120;
/** Of people whose code is there, those who enter it; of those whose code is not, those who ask once more. */
const willing = 0.93;
const asksAgain = 0.6;
const asksAfterSeconds = 45;

export const fixed = (...order: ProviderName[]): Policy => ({ order: () => order });

/** Knows the providers: the cheapest of those that are as good as the best. */
export function oracle({ outage }: Model): Policy {
  return {
    order: (country, _, progress) => {
      const worth = (name: ProviderName) =>
        (providers[name].seconds > 10 ? 0.9 : 1) * chance(name, country, progress, outage);
      const best = Math.max(...names.map(worth));
      const good = names.filter((name) => worth(name) > best - 0.02);
      const first = good.reduce((one, other) => (providers[one].price <= providers[other].price ? one : other));
      return [first, ...names.filter((name) => name !== first).toSorted((one, other) => worth(other) - worth(one))];
    },
  };
}

/** What the workers do, beginning with an order of somebody who looked at the price list. */
export function learned(first: readonly ProviderName[]): Policy & { readonly ranked: Map<Country, RankedRoute[]> } {
  const start: KnownRoute[] = first.map((route) => ({ route, state: null, known: nothingKnown }));
  const ranked = new Map(countries.map((country) => [country, rankRoutes(start).routes]));
  let changes = 0;
  return {
    ranked,
    get changes() {
      return changes;
    },
    order: (country, id) => orderFor(ranked.get(country) ?? [], id),
    told: (country, attempts) => {
      const before = ranked.get(country) ?? [];
      const { routes } = rankRoutes(
        before.map((each) => ({ ...each, known: learn(each.known, toldOf(each.route, attempts)) })),
      );
      if (routes.map(({ route }) => route).join() !== before.map(({ route }) => route).join()) changes += 1;
      ranked.set(country, routes);
    },
  };
}

function toldOf(route: string, attempts: readonly Attempt[]) {
  const its = attempts.filter((attempt) => attempt.route === route);
  const entered = its.filter(({ enteredMs }) => enteredMs !== null);
  const receipts = entered.filter(({ receiptMs }) => receiptMs !== null);
  const sum = (list: readonly Attempt[], field: 'enteredMs' | 'receiptMs') =>
    list.reduce((total, attempt) => total + (attempt[field] ?? 0), 0);
  return {
    codes: its.length,
    entered: entered.length,
    entryMs: sum(entered, 'enteredMs'),
    receipts: receipts.length,
    receiptMs: sum(receipts, 'receiptMs'),
    priced: its.length,
    cost: its.length * providers[route as ProviderName].price,
  };
}

/** Runs the codes of all countries by one policy. */
export function run(model: Model, policy: Policy): Result {
  // Each person is the same one whatever the order: a seed for each code.
  const seconds: number[] = [];
  let [cost, entered] = [0, 0];
  const fifths = [0, 0, 0, 0, 0];
  const waiting = new Map<Country, Attempt[]>();
  for (let from = 0; from < model.codes; from += model.perTurn) {
    for (const country of countries) {
      const attempts: Attempt[] = [];
      for (let n = from; n < Math.min(model.codes, from + model.perTurn); n += 1) {
        const id = `${model.seed}-${country}-${n}`;
        const progress = n / model.codes;
        const code = send(model, policy.order(country, id, progress), country, progress, random(id));
        cost += code.cost;
        attempts.push(code.first);
        if (code.seconds === null) continue;
        entered += 1;
        const fifth = Math.floor(progress * 5);
        fifths[fifth] = (fifths[fifth] ?? 0) + 1;
        seconds.push(code.seconds);
      }
      policy.told?.(country, waiting.get(country) ?? []);
      waiting.set(country, attempts);
    }
  }
  const all = model.codes * countries.length;
  return {
    entered: entered / all,
    costPerEntered: cost / entered,
    medianSeconds: seconds.toSorted((one, other) => one - other)[Math.floor(seconds.length / 2)] ?? 0,
    changes: policy.changes ?? 0,
    fifths: fifths.map((count) => count / (all / 5)),
  };
}

/** One person and one code, with one resend at most. A resend begins with the same order, as an own delivery does. */
function send(model: Model, order: readonly string[], country: Country, progress: number, next: () => number) {
  const route = order[0] as ProviderName;
  const wants = next() < willing;
  const typing = 4 + 6 * next() + 8 * next() ** 3;
  const again = next() < asksAgain;
  const arrival = (seconds: number) =>
    next() < chance(route, country, progress, model.outage) ? seconds * Math.exp(0.5 * normal(next)) : null;
  const firstArrival = arrival(providers[route].seconds);
  let cost: number = providers[route].price;
  let at = firstArrival;
  let resent = false;
  if ((at === null || at > asksAfterSeconds) && again) {
    resent = true;
    cost += providers[route].price;
    const second = arrival(providers[route].seconds);
    const then = second === null ? null : asksAfterSeconds + second;
    at = at === null ? then : Math.min(at, then ?? at);
  }
  const done = wants && at !== null && at + typing <= inTimeSeconds ? at + typing : null;
  const provider: Provider = providers[route];
  const told = provider.lies ? 0.2 : firstArrival;
  const first: Attempt = {
    route,
    enteredMs: done !== null && !resent ? done * 1000 : null,
    receiptMs: told === null ? null : told * 1000,
  };
  return { first, cost, seconds: done };
}

function chance(name: ProviderName, country: Country, progress: number, outage: Model['outage']): number {
  if (outage?.provider === name && progress >= outage.from && progress < outage.until) return 0;
  const provider: Provider = providers[name];
  return provider.in?.[country] ?? provider.arrives;
}

/** Mulberry32, seeded by a text. */
function random(seed: string): () => number {
  let state = 0;
  for (const sign of seed) state = Math.imul(state ^ (sign.codePointAt(0) ?? 0), 0x9e3779b1) ^ (state >>> 15);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller's. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
