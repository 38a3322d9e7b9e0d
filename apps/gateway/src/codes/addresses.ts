import { invalidRequest, Problem, type Policy } from '#contracts';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { refusal } from '../policy/refusal.js';

/** A phone number as people write it; `toE164` brings its spellings to one form. */
export const phoneInput = z.string().min(3).max(40);
export const emailInput = z.email().max(254);

/** Digits of other scripts and full-width ones, as the digits they are: NFKC. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/^\s*00/, '+')
    .trim();
}

/**
 * The one canonical form of a phone number, so that six spellings share one quota.
 * @param policy of the user that is told, where there is one
 * @returns E.164 with its `+`
 * @throws {Problem} `phone_invalid`
 */
export function toE164(text: string, policy: Policy | null = null): string {
  const number = parsePhoneNumberFromString(plain(text), { extract: false });
  if (!number?.isValid() || number.ext !== undefined) {
    throw policy ? refusal(policy, 'phone_invalid') : new Problem('phone_invalid');
  }
  return number.number;
}

/** @throws {Problem} `country_not_allowed` */
export function assertCountryAllowed(e164: string, policy: Policy): void {
  const { allowedCountries } = policy.phone;
  if (allowedCountries.includes('*')) return;
  const country = parsePhoneNumberFromString(e164)?.country;
  if (country === undefined || !allowedCountries.includes(country)) {
    throw refusal(policy, 'country_not_allowed');
  }
}

/** @throws {Problem} `invalid_request` */
export function requireAddress(address: string | null | undefined, field: 'phone' | 'email'): string {
  if (address) return address;
  const own = field === 'phone' ? 'phone number' : 'e-mail address';
  throw invalidRequest(`/${field}`, `is missing, and the user has no ${own} of their own`);
}

/** Enough of an address to recognise it, too little to use it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at >= 0) return `${[...address].slice(0, 1).join('')}***${address.slice(at)}`;
  return `${address.slice(0, 3)}*****${address.slice(-2)}`;
}
