import { createHmac, type KeyObject } from 'node:crypto';
import type { Random } from './ports.js';

const bytes = 10;
// Crockford's base 32: no i, l, o, u, so that what people copy by hand stays readable.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

function grouped(text: string): string {
  return text.match(/.{4}/g)?.join('-') ?? text;
}

/** New recovery codes of 80 random bits each, as `xxxx-xxxx-xxxx-xxxx`. */
export function newRecoveryCodes(count: number, random: Random): string[] {
  return Array.from({ length: count }, () => {
    let value = BigInt(`0x${Buffer.from(random.bytes(bytes)).toString('hex')}`);
    let text = '';
    for (let i = 0; i < 16; i += 1, value >>= 5n) text += alphabet.charAt(Number(value & 31n));
    return grouped(text);
  });
}

/** All that people and programs put between groups: spaces, dashes, minus signs, and what is not to be seen. */
const separators = /[\s\p{Z}\p{Pd}\p{Cf}\u02d7\u2043\u2212]/gu;

/**
 * What people type and paste, brought to one form: width, case, spaces and dashes don't count, `o` is `0`, `i` and `l` are `1`.
 * @returns null where it can't be a recovery code
 */
export function normalizeRecoveryCode(input: string): string | null {
  const text = input
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(separators, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
  return /^[0-9a-hjkmnp-tv-z]{16}$/.test(text) ? grouped(text) : null;
}

/** The keyed MAC under which a recovery code is stored, bound to its user. */
export function recoveryCodeMac(pepper: KeyObject, userId: string, code: string): Buffer {
  return createHmac('sha256', pepper).update(`sallyport:recovery:${userId}:`).update(code).digest();
}
