import { randomBytes } from 'node:crypto';

/** Prefix of each kind of id: `dev_…` is a device, and an id never changes its kind. */
export const idPrefixes = {
  tenant: 'tnt',
  apiKey: 'key',
  account: 'acc',
  user: 'usr',
  device: 'dev',
  challenge: 'chl',
  code: 'cod',
  delivery: 'dlv',
  event: 'evt',
  lockout: 'lck',
  recoverySet: 'rcs',
  proof: 'prf',
  request: 'req',
} as const;

export type IdKind = keyof typeof idPrefixes;

// Crockford's base 32, lower case: no i, l, o, u, so an id survives being read aloud.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i += 1, rest >>= 5n) {
    text = alphabet.charAt(Number(rest & 31n)) + text;
  }
  return text;
}

/**
 * A new id: prefix, 48 bits of milliseconds, 80 random bits, in base 32 (ULID layout).
 * Ids made later sort later, which keeps index pages warm; 80 random bits can't be guessed.
 */
export function newId(kind: IdKind, now: number = Date.now()): string {
  const random = BigInt(`0x${randomBytes(10).toString('hex')}`);
  return `${idPrefixes[kind]}_${encode(BigInt(now), 10)}${encode(random, 16)}`;
}
