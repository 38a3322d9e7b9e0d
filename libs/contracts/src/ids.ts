import { randomBytes } from 'node:crypto';

/** Prefix of each kind of id: `dev_…` is a device, and an id never changes its kind. */
export const idPrefixes = {
  tenant: 'tnt',
  apiKey: 'key',
  account: 'acc',
  user: 'usr',
  device: 'dev',
  phoneChange: 'phc',
  challenge: 'chl',
  code: 'cod',
  delivery: 'dlv',
  event: 'evt',
  lockout: 'lck',
  recoverySet: 'rcs',
  proof: 'prf',
  trustedBrowser: 'tbr',
  request: 'req',
  auditWorker: 'wrk',
  webhook: 'whk',
  webhookDelivery: 'whd',
} as const;

export type IdKind = keyof typeof idPrefixes;

// Crockford's base 32, lower case: no i, l, o, u, so an id survives being read aloud.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

function timeText(ms: number): string {
  let text = '';
  for (let rest = ms, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) text = alphabet.charAt(rest % 32) + text;
  return text;
}

// A request makes up to ten ids: one call to the generator for 256 of them instead of one each.
let pool = Buffer.alloc(0);
let taken = 0;

function randomText(): string {
  if (taken === pool.length) {
    pool = randomBytes(16 * 256);
    taken = 0;
  }
  let text = '';
  for (const byte of pool.subarray(taken, (taken += 16))) text += alphabet.charAt(byte & 31);
  return text;
}

/**
 * A new id: prefix, 48 bits of milliseconds, 80 random bits, in base 32 (ULID layout).
 * Ids made later sort later, which keeps index pages warm; 80 random bits can't be guessed.
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  return idTime(kind, now) + randomText();
}

/** How ids of a kind begin that are made at a time: all that were made before sort before it. @param at milliseconds since 1970 */
export function idTime(kind: IdKind, at: number): string {
  return `${idPrefixes[kind]}_${timeText(at)}`;
}
