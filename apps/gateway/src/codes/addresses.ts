import { domainToASCII } from 'node:url';
import { invalidRequest, type Destination, type Policy } from '#contracts';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { z } from 'zod';
import { refusal } from '../refusals/refusals.js';

/** A phone number as people write and paste it; `toE164` brings its spellings to one form. */
export const phoneInput = z
  .string()
  .overwrite(plainNumber)
  .min(3)
  .max(40)
  .meta({ description: 'With the country code, or as dialled in the country of `phone.defaultCountry` in the policy' });

/** An e-mail address; a domain in other letters is taken by its name in the DNS (punycode). */
export const emailInput = z
  .string()
  .overwrite(asciiDomain)
  .max(254)
  .refine(isEmail, 'must be an e-mail address')
  .meta({ format: 'idn-email' });

/** Signs that are pasted along and not seen: marks of direction, variants of emoji, the frame of a keycap. */
const pastedAlong = /[\p{Cf}\p{Me}\p{Default_Ignorable_Code_Point}]/gu;

/** A number as it would be typed: digits of all scripts as ASCII ones, plain dashes and spaces, no `tel:`. */
function plainNumber(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(pastedAlong, '')
    .replaceAll(/\p{Nd}/gu, (digit) => String(digitValue(digit)))
    .replaceAll(/[\p{Pd}\u2212]/gu, '-')
    .replaceAll(/[\p{Z}\s]+/gu, ' ')
    .replace(/^ *(?:tel|sms|callto): */i, '')
    .trim()
    .replace(/^\(((?:\+|00)\d+)\)/, '$1')
    .replace(/^00/, '+');
}

/** The digits of every script stand in a row of ten (Unicode Standard, §4.6), so the place in it is the value. */
function digitValue(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(point - before - 1))) before += 1;
  return before % 10;
}

/**
 * The one canonical form of a phone number, so that six spellings share one quota.
 * @param policy of the user that is told; its `phone.defaultCountry` completes national numbers
 * @returns E.164 with its `+`
 * @throws {Problem} `phone_invalid`
 */
export function toE164(text: string, policy: Policy): string {
  const { defaultCountry } = policy.phone;
  const options = {
    extract: false,
    ...(defaultCountry === null ? {} : { defaultCountry: defaultCountry as CountryCode }),
  };
  const number = parsePhoneNumberFromString(plainNumber(text), options);
  if (number === undefined || number.ext !== undefined) throw refusal(policy, 'phone_invalid');
  if (number.isValid()) return number.number;
  const today = spellingOfToday(number.number);
  if (today === undefined) throw refusal(policy, 'phone_invalid');
  return today;
}

/** Mobile numbers with an additional digit in one of two spellings in use: `[as it is counted, the other]`. */
const twoSpellings: readonly [RegExp, (...groups: string[]) => string][] = [
  // Argentina: a 9 from abroad, none where the network adds it.
  [/^\+54([1-8]\d{9})$/, (_, rest) => `+549${rest}`],
  // Brazil: mobile numbers had eight digits until 2016.
  [/^\+55(\d{2})([6-9]\d{7})$/, (_, area, rest) => `+55${area}9${rest}`],
  // Mexico: a 1 from abroad until 2019.
  [/^\+521([2-9]\d{9})$/, (_, rest) => `+52${rest}`],
];

/** The number by which all spellings of one phone are counted; not always one to send to. */
function countedNumber(e164: string): string {
  for (const [spelling, counted] of twoSpellings) if (spelling.test(e164)) return e164.replace(spelling, counted);
  return e164;
}

/** A number that was valid once, or is dialled so within its country, as it is valid now. */
function spellingOfToday(number: string): string | undefined {
  // Argentina: 15 between area and number, as at home, behind the 9 from abroad.
  const at15 = [2, 3, 4].map((area) =>
    number.replace(new RegExp(`^(\\+549\\d{${area}})15(?=\\d{${10 - area}}$)`), '$1'),
  );
  return [countedNumber(number), ...at15].find((each) => parsePhoneNumberFromString(each)?.isValid());
}

/** An address with its domain as the DNS knows it (RFC 5890 §2.3.2.1), and without space around it. */
function asciiDomain(text: string): string {
  const address = text.replaceAll(/^[\p{Z}\p{Cf}\s]+|[\p{Z}\p{Cf}\s]+$/gu, '');
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return /^\p{ASCII}*$/u.test(domain) ? address : `${address.slice(0, at + 1)}${domainToASCII(domain)}`;
}

/** As browsers judge it (HTML, "valid e-mail address"), with a domain that mail can be sent to from elsewhere. */
const htmlEmail =
  /^([\w.!#$%&'*+/=?^`{|}~-]+)@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/i;

/** RFC 5321 §4.5.3.1: 64 octets before the @; a last label of digits alone is no domain (RFC 3696 §2). */
function isEmail(address: string): boolean {
  const [, mailbox = '', domain = ''] = htmlEmail.exec(address) ?? [];
  const valid = mailbox !== '' && mailbox.length <= 64 && domain.length <= 253 && !/\.\d+$/.test(domain);
  return valid && domainToASCII(domain) !== '';
}

/** Kinds of numbers whose owners earn by each message, or that no mobile phone has. */
const costlyKinds: ReadonlySet<string | undefined> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'TOLL_FREE',
  'UAN',
  'VOICEMAIL',
  'PERSONAL_NUMBER',
  'PAGER',
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
export function rangesOf(number: string): { prefix: string; region: string } {
  const e164 = countedNumber(number);
  const country = `+${parsePhoneNumberFromString(e164)?.countryCallingCode ?? ''}`;
  const cut = (digits: number) => (e164.length - digits > country.length ? e164.slice(0, -digits) : country);
  return { prefix: cut(4), region: cut(7) };
}

/** Where an SMS goes, as its delivery keeps it in the clear: its region says more of the operator than of the owner. */
export function destinationOf(number: string): Destination {
  return { country: parsePhoneNumberFromString(number)?.country ?? null, prefix: rangesOf(number).region };
}

/**
 * The form of an address that is counted: whatever is written differently and arrives in the same place shares one quota.
 * Of numbers, one of two spellings; of mail beyond case a tag behind a plus sign, and the full stops that Gmail does not heed.
 */
export function countedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return countedNumber(address);
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
 * Costly numbers of a country pass: the pumping guard refuses them, so that there is an event of it. Those that twenty
 * countries share (`+1 800`) are in none of them, whichever the tables name.
 * @throws {Problem} `country_not_allowed`
 */
export function assertCountryAllowed(e164: string, policy: Policy): void {
  const { allowedCountries } = policy.phone;
  if (allowedCountries.includes('*')) return;
  const number = parsePhoneNumberFromString(e164);
  const costly = isCostlyNumber(e164);
  const shared = costly && number?.countryCallingCode === '1';
  if (costly && !shared) return;
  if (shared || number?.country === undefined || !allowedCountries.includes(number.country)) {
    throw refusal(policy, 'country_not_allowed');
  }
}

/** @throws {Problem} `invalid_request` */
export function requireAddress(address: string | null | undefined, field: 'phone' | 'email'): string {
  if (address) return address;
  const own = field === 'phone' ? 'phone number' : 'e-mail address';
  throw invalidRequest(`/${field}`, `is missing, and the user has no ${own}`);
}

/** Enough of an address to recognise it, too little to use it. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at >= 0) return `${[...address].slice(0, 1).join('')}***${address.slice(at)}`;
  return `${address.slice(0, 3)}*****${address.slice(-2)}`;
}
