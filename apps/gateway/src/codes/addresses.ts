import { invalidRequest, Problem, type Policy } from '#contracts';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
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

/** Kinds of numbers that whoever owns them earns by, or that no phone in a pocket has. */
const costlyKinds: ReadonlySet<string | undefined> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'TOLL_FREE',
  'UAN',
  'VOICEMAIL',
  'PERSONAL_NUMBER',
]);

/** Whether no code is sent to a number because of its kind: premium rate, satellite, and what else is no mobile phone. */
export function isCostlyNumber(e164: string): boolean {
  const number = parsePhoneNumberFromString(e164);
  // Satellites and other networks of no country (ITU-T E.164 §6.2.2: +870, +881, +882, +883, +888, +979).
  return number?.country === undefined || costlyKinds.has(number.getType());
}

/**
 * Ranges that a number is in: those that differ in the last four digits only, as operators hand them out, and the
 * region, seven digits, but no wider than its country.
 */
export function rangesOf(e164: string): { prefix: string; region: string } {
  const country = `+${parsePhoneNumberFromString(e164)?.countryCallingCode ?? ''}`;
  const cut = (digits: number) => (e164.length - digits > country.length ? e164.slice(0, -digits) : country);
  return { prefix: cut(4), region: cut(7) };
}

/**
 * The form of an address that is counted: whatever is written differently and arrives in the same place shares one quota.
 * Beyond case: a tag behind a plus sign, and the full stops that Gmail does not heed.
 */
export function countedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return address;
  const domain = domainOf(address);
  const mailbox = address
    .slice(0, at)
    .toLowerCase()
    .replace(/(?<=.)\+.*$/s, '');
  return `${/^(gmail|googlemail)\.com$/.test(domain) ? mailbox.replaceAll('.', '') : mailbox}@${domain}`;
}

/** The domain of an e-mail address, in one spelling. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

/**
 * Costly numbers pass: the pumping guard refuses them, so that an event tells of it.
 * @throws {Problem} `country_not_allowed`
 */
export function assertCountryAllowed(e164: string, policy: Policy): void {
  const { allowedCountries } = policy.phone;
  if (allowedCountries.includes('*') || isCostlyNumber(e164)) return;
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
