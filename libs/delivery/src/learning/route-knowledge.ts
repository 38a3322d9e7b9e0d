/**
 * What is known of one route into one country, as sums over codes that had their time. Each is a code's first attempt, since
 * a later one sees only what the route before it could not do.
 */
export interface Told {
  readonly codes: number;
  /** Of these, the ones entered in time, with no other attempt between. */
  readonly entered: number;
  /** Of the entered ones, ms from the attempt to the entry, together. */
  readonly entryMs: number;
  /** Of the entered ones, those with a receipt, and ms from the attempt to it. A receipt of a code that nobody entered counts for nothing. */
  readonly receipts: number;
  readonly receiptMs: number;
  /** Those with a price, and what they cost. */
  readonly priced: number;
  readonly cost: number;
}

/** The same with a memory: what was told lately weighs more. */
export interface Knowledge extends Told {
  /** With a short memory, which sees a change first. */
  readonly recentCodes: number;
  readonly recentEntered: number;
}

export const nothingKnown: Knowledge = {
  codes: 0,
  entered: 0,
  entryMs: 0,
  receipts: 0,
  receiptMs: 0,
  priced: 0,
  cost: 0,
  recentCodes: 0,
  recentEntered: 0,
};

/** Codes after which what was told before them weighs half. By number and not by time, so that a busy route learns quickly and a quiet one still learns. */
const memory = 300;
const recentMemory = 10;
/** What nobody sent by for so long weighs half. */
const fadingMs = 3 * 86_400_000;

/** Standard deviations by which the recent share of entered codes must differ before what was known is taken for past. */
const changeFrom = 4;
const recentEnough = 7;
const leftAfterChange = 5;

/** What is known after more was told; the order of codes told at once does not matter. */
export function learn(known: Knowledge, told: Told): Knowledge {
  if (told.codes === 0) return known;
  const long = weights(told.codes, memory);
  const recent = weights(told.codes, recentMemory);
  const blend = (field: keyof Told) => known[field] * long.old + told[field] * long.each;
  const next = {
    codes: blend('codes'),
    entered: blend('entered'),
    entryMs: blend('entryMs'),
    receipts: blend('receipts'),
    receiptMs: blend('receiptMs'),
    priced: blend('priced'),
    cost: blend('cost'),
    recentCodes: known.recentCodes * recent.old + told.codes * recent.each,
    recentEntered: known.recentEntered * recent.old + told.entered * recent.each,
  };
  if (!isAnother(known, next)) return next;
  return told.codes >= leftAfterChange ? learn(nothingKnown, told) : withoutPast(next);
}

/** What is left of it after a time. */
export function fade(known: Knowledge, ms: number): Knowledge {
  return scaled(known, 0.5 ** (Math.max(0, ms) / fadingMs));
}

function weights(codes: number, halfLife: number): { old: number; each: number } {
  const old = 0.5 ** (codes / halfLife);
  return { old, each: Math.min(1, (1 - old) / ((1 - 0.5 ** (1 / halfLife)) * codes)) };
}

/** A route that died, or came back, is another one: three hundred good codes must not speak for it any more. */
function isAnother({ codes, entered }: Knowledge, { recentCodes, recentEntered }: Knowledge): boolean {
  if (recentCodes < recentEnough || codes < 2 * recentEnough) return false;
  const share = Math.min(0.95, Math.max(0.05, entered / codes));
  // Weights that halve stand for twice as many codes as they add up to.
  const deviation = Math.sqrt((share * (1 - share)) / (2 * recentCodes));
  return Math.abs(recentEntered / recentCodes - entered / codes) > changeFrom * deviation;
}

/** Little of it, since the recent codes may still be of both times: what comes next decides. */
function withoutPast(known: Knowledge): Knowledge {
  const { recentCodes, recentEntered } = known;
  const codes = Math.min(leftAfterChange, recentCodes);
  const entered = (recentEntered / recentCodes) * codes;
  const ofEntered = known.entered > 0 ? entered / known.entered : 0;
  const ofCodes = codes / known.codes;
  return {
    ...known,
    codes,
    entered,
    entryMs: known.entryMs * ofEntered,
    receipts: known.receipts * ofEntered,
    receiptMs: known.receiptMs * ofEntered,
    priced: known.priced * ofCodes,
    cost: known.cost * ofCodes,
  };
}

function scaled(known: Knowledge, by: number): Knowledge {
  return Object.fromEntries(Object.entries(known).map(([field, value]: [string, number]) => [field, value * by])) as {
    -readonly [Field in keyof Knowledge]: number;
  };
}
