import type { Knowledge } from './route-knowledge.js';

/** `leading`: takes all codes that try no other. `trial`: too little is known. `standing_by`: measured. `drained`: hardly any code arrives. */
export const routeStates = ['leading', 'trial', 'standing_by', 'drained'] as const;
export type RouteState = (typeof routeStates)[number];

/** A route into one country and what is known of it. */
export interface KnownRoute {
  readonly route: string;
  readonly state: RouteState | null;
  readonly known: Knowledge;
}

export interface RankedRoute extends KnownRoute {
  readonly state: RouteState;
  /** One in so many codes is tried by it first; null for the one that leads. */
  readonly oneIn: number | null;
}

export const reasons = ['conversion', 'entry_time', 'receipt_time', 'cost', 'drained', 'recovered'] as const;
export type Reason = (typeof reasons)[number];

/** Why a route is where it is now. */
export interface Move {
  readonly route: string;
  /** Whom it passed; null where it was drained or is no longer. */
  readonly over: string | null;
  readonly reason: Reason;
}

/** Of the others a few codes are tried: by a new route as many as make it known within some hundred codes, by one that is known as few as show a change. */
export const oneInOf = { leading: null, trial: 10, standing_by: 25, drained: 50 } as const satisfies Record<
  RouteState,
  number | null
>;

/** Codes after which a route is known. */
const knownFrom = 30;
/** Codes of the country's average that a route has to its credit: two lucky ones prove nothing. */
const credit = 10;

/** Better is what is so many standard deviations above, and so many points of 1: the gap to `alike` keeps two equals from taking turns. */
const sureFrom = 2.3;
const betterBy = 0.05;
const alike = 0.03;

/** One passes another by a time or a price that is at most such a part of the other's; a later measure counts while the ones before it are alike. */
const quickerBy = 0.75;
const alikeQuick = 0.85;
const receiptQuickerBy = 0.5;
const receiptAlikeQuick = 0.65;
const cheaperBy = 0.9;

interface Judged extends KnownRoute {
  readonly rate: number;
  readonly deviation: number;
}

/**
 * Orders the routes into one country: by the share of codes that people enter, then by the time that takes, then by the time to
 * the receipts of those codes, then by cost. A route passes another only where the difference is sure, so that chance does not
 * make them take turns. Pure: the same figures give the same order.
 * @param routes in the order so far
 */
export function rankRoutes(routes: readonly KnownRoute[]): { routes: RankedRoute[]; moves: Move[] } {
  const moves: Move[] = [];
  const judged = judge(routes);
  const best = Math.max(...judged.map(({ rate, deviation }) => rate - deviation));
  const dead = judged.filter((each) => isDead(each, best));
  const order: Judged[] = [];
  for (const each of judged.filter((one) => !dead.includes(one))) {
    const place = order.findIndex((other) => whyBetter(each, other) !== undefined);
    const passed = place < 0 ? undefined : order[place];
    const reason = passed && whyBetter(each, passed);
    if (passed && reason) moves.push({ route: each.route, over: passed.route, reason });
    if (each.state === 'drained') moves.push({ route: each.route, over: null, reason: 'recovered' });
    order.splice(passed ? place : order.length, 0, each);
  }
  for (const { route, state } of dead) if (state !== 'drained') moves.push({ route, over: null, reason: 'drained' });
  const ranked = [...order, ...dead].map(({ route, known }, position) => {
    const state = position === 0 ? 'leading' : stateOf(known, position >= order.length);
    return { route, known, state, oneIn: oneInOf[state] };
  });
  return { routes: ranked, moves };
}

function stateOf({ codes }: Knowledge, drained: boolean): RouteState {
  if (drained) return 'drained';
  return codes < knownFrom ? 'trial' : 'standing_by';
}

/** The share of entered codes with its spread, by a beta distribution that starts at the average of the routes. */
function judge(routes: readonly KnownRoute[]): Judged[] {
  const sum = (field: 'codes' | 'entered') => routes.reduce((total, { known }) => total + known[field], 0);
  const average = (sum('entered') + 1) / (sum('codes') + 2);
  return routes.map((each) => {
    const codes = each.known.codes + credit;
    const rate = (each.known.entered + credit * average) / codes;
    return { ...each, rate, deviation: Math.sqrt((rate * (1 - rate)) / (codes + 1)) };
  });
}

/** Below half of the best, with both at the worse end of their spread for it. Where nothing arrives by any route, none is. */
function isDead({ known, rate, deviation }: Judged, best: number): boolean {
  return known.codes >= credit && rate + 2 * deviation < best / 2;
}

function whyBetter(one: Judged, other: Judged): Reason | undefined {
  const lead = one.rate - other.rate;
  if (lead >= betterBy && lead >= sureFrom * Math.hypot(one.deviation, other.deviation)) return 'conversion';
  if (lead < -alike || !isKnown(one, 'codes') || !isKnown(other, 'codes')) return undefined;
  const entry = ratio(one, other, 'entryMs', 'entered');
  const receipt = ratio(one, other, 'receiptMs', 'receipts');
  if (entry <= quickerBy) return 'entry_time';
  if (entry > 1 / alikeQuick) return undefined;
  if (receipt <= receiptQuickerBy) return 'receipt_time';
  if (receipt > 1 / receiptAlikeQuick) return undefined;
  return ratio(one, other, 'cost', 'priced') <= cheaperBy ? 'cost' : undefined;
}

function isKnown({ known }: Judged, count: 'codes' | 'entered' | 'receipts' | 'priced'): boolean {
  return known[count] >= knownFrom;
}

/** How one's mean stands to the other's; 1 where one of them is not known. */
function ratio(
  one: Judged,
  other: Judged,
  total: 'entryMs' | 'receiptMs' | 'cost',
  count: 'entered' | 'receipts' | 'priced',
): number {
  if (!isKnown(one, count) || !isKnown(other, count) || other.known[total] === 0) return 1;
  return one.known[total] / one.known[count] / (other.known[total] / other.known[count]);
}
