import addressparser from 'nodemailer/lib/addressparser';
import { z } from 'zod';
import { addressOf, isPublicAddress, parseAllowPrivate } from './public-address.js';

/** Digits alone: a number in another form (1e3, 0x50) is a slip. */
export const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'must be a whole number from 0 to 65535')
  .transform(Number);
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number from ${least} to ${most}`,
    )
    .transform(Number);
const addressWanted = (...protocols: string[]) =>
  `must be a ${protocols.map((protocol) => `${protocol}://`).join(' or ')} address; percent-encode special characters in the password (@ is %40)`;
const url = (...protocols: string[]) =>
  z.string().refine(
    (text) => {
      const address = URL.canParse(text) ? new URL(text) : undefined;
      return address !== undefined && protocols.includes(address.protocol.replace(':', '')) && address.hostname !== '';
    },
    addressWanted(...protocols),
  );

export const withoutSlash = (address: string): string => address.replace(/\/+$/, '');

/** The address of a server, to which paths are added: with or without a slash at its end, it is the same. */
export const baseUrl = url('http', 'https')
  .refine((text) => !/[?#]/.test(text), 'must have neither a query nor a fragment: paths are added to it')
  .transform(withoutSlash);

/** One address or several, the first choice first. A comma belongs to a password only percent-encoded. */
export const smtpUrls = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((address) => address !== ''))
  .pipe(z.array(url('smtp', 'smtps')).min(1, addressWanted('smtp', 'smtps')));

/**
 * An address of the operator's own. What is sent there holds codes: outside this machine and a network of one's own (an address
 * that is not public, a name without a dot as containers have) it has to be encrypted.
 */
export const ownUrl = url('http', 'https').refine((text) => {
  const address = new URL(text);
  const ip = addressOf(address);
  if (address.protocol === 'https:') return true;
  return ip === undefined ? !address.hostname.includes('.') : !isPublicAddress(ip);
}, 'must be an https:// address, unless it is in a network of your own: codes are sent there');

/** A secret as Standard Webhooks writes it (https://www.standardwebhooks.com): 24 to 64 bytes. */
export const signingSecret = z.string().refine((text) => {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = Buffer.from(text.slice(6), 'base64');
  return length >= 24 && length <= 64;
}, 'must be whsec_ and 24 to 64 bytes in base64');

/** A number, a name of up to 11 letters and digits, or a messaging service. */
export const twilioSender = z
  .string()
  .regex(
    /^(\+\d{5,15}|\d{3,8}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
    'must be a number with its plus sign, a name of 1 to 11 letters and digits, or MG and 32 hexadecimal digits',
  );

const sslModes = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * PostgreSQL's addresses; one of a socket has no host. node-postgres takes three of the values of `sslmode` for
 * `verify-full` and warns of each: they are written so here.
 */
export const postgresUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^postgres(ql)?:\/\//.test(text), {
    error: addressWanted('postgres', 'postgresql'),
    abort: true,
  })
  .refine(
    (text) => sslModes.includes(new URL(text).searchParams.get('sslmode') ?? 'disable'),
    `has an unknown sslmode; use one of ${sslModes.join(', ')}`,
  )
  .transform((text) =>
    text.includes('uselibpqcompat=true')
      ? text
      : text.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full'),
  );

/** Redis addresses may name several hosts, which no parser of URLs takes: who opens the queue reads the rest. */
const isRedis = (text: string) => /^rediss?:\/\/./.test(text);
export const queueUrl = z
  .string()
  .refine((text) => isRedis(text) || /^postgres(ql)?:\/\/./.test(text), {
    error: 'must be a postgres://, redis:// or rediss:// address',
    abort: true,
  })
  .refine((text) => isRedis(text) || postgresUrl.safeParse(text).success, {
    error: ({ input }) => postgresUrl.safeParse(input).error?.issues[0]?.message,
    abort: true,
  })
  .transform((text) => (isRedis(text) ? text : postgresUrl.parse(text)));

/** One address of a sender, as nodemailer reads it: what it takes for none or for two, it would leave out without a word. */
export const sender = z.string().refine((text) => {
  const [found, ...others] = addressparser(text);
  if (!found || others.length > 0 || 'group' in found) return false;
  return /^[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)*$/.test(found.address);
}, 'must be one address; put a name that contains a comma in quotes');

/** A number, or a name of up to 11 letters, digits and spaces (https://developer.vonage.com/en/messaging/sms/guides/custom-sender-id). */
export const smsSender = z
  .string()
  .regex(/^(\+?\d{3,15}|(?=.*[A-Za-z])[ -~]{1,11})$/, 'must be a number, or a name of 1 to 11 ASCII characters');

export const allowPrivate = z
  .string()
  .refine((text) => parseAllowPrivate(text) !== undefined, 'must be true, false or networks such as 10.0.0.0/8')
  .transform((text) => parseAllowPrivate(text) ?? false);
