import { createHmac, type KeyObject } from 'node:crypto';

/** Digits of a code sent by SMS or e-mail. */
export const codeDigits = 6;

/**
 * The code that belongs to a code id: a keyed MAC of the id, cut to six digits.
 *
 * The code is nowhere stored, so a copy of the database holds none, and a resend gives the same one.
 * Whoever lacks the pepper can't compute it: an unkeyed hash of six digits is searched in 3.6 s on one core.
 * 64 bits modulo 10⁶ differ from an even spread by less than 10⁻¹³.
 *
 * @param codeId id with at least 80 random bits, new for every code
 * @returns six digits, leading zeros kept
 */
export function sentCode(pepper: KeyObject, codeId: string): string {
  const mac = createHmac('sha256', pepper).update('sallyport:code:').update(codeId).digest();
  return (mac.readBigUInt64BE(0) % 1_000_000n).toString().padStart(codeDigits, '0');
}
