import { invalidRequest, isVisible } from '#contracts';
import { z } from 'zod';

/**
 * Text of one line: no control characters, so that it can't break a mail header, a log line or an SMS, and something to
 * see, since people have to find and press it.
 */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, { abort: true })
    .max(max)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line of text')
    .refine(isVisible, 'must hold a letter or a sign that can be seen');

/**
 * A code as apps, SMS and mails show it. Whatever has another form is refused here, before a check is charged for it: no
 * guess is lost by a slip, and none is won.
 */
export const deviceCode = z
  .string()
  .regex(/^(?:[0-9]{6}|[0-9]{8})$/, 'must be six digits, or eight where the app shows eight, and nothing else')
  .meta({
    description:
      'Six digits, or eight for an imported seed with eight. Anything else is refused without using up an attempt',
  });

/** The panel's own id of an account or a user. */
export const externalId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')
  .meta({ description: "The panel's own id" });

/** Language, script, region, variants, extensions and private use (RFC 5646 §2.1), and the odd ones of before. */
const languageTag = new RegExp(
  [
    '^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})',
    '(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*',
    '(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?',
    '|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}|en-gb-oed|sgn-(?:be-(?:fr|nl)|ch-de))$',
  ].join(''),
  'i',
);

/** BCP 47 language tag. */
export const locale = z
  .string()
  .max(255)
  .regex(languageTag, 'must be a language tag, as in nl or en-GB')
  .meta({ description: 'BCP 47 language tag' });

export const id = (prefix: string) =>
  z
    .string()
    .max(64)
    .meta({ description: `Id, \`${prefix}_…\`` });

/** An id that somebody looks for: one of another form is refused, since it would find nothing whatever there is. */
export const givenId = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{1,60}$`), `must be an id, as in ${prefix}_…`);

export const time = z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC' });

/** A time in a query or a body. PostgreSQL knows neither the year 0 nor offsets beyond 16 hours; JSON Schema knows both. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine(
    (text) => !(Date.parse(text) < 0 || Date.parse(text) >= Date.UTC(10_000, 0)),
    'must be between 1970 and 9999',
  );

/** An `instant` as PostgreSQL reads it, with all its digits. */
export function inUtc(text: string): string {
  const [fraction = ''] = /\.\d+/.exec(text) ?? [];
  return `${new Date(text).toISOString().slice(0, -'.000Z'.length)}${fraction}Z`;
}

export const listQuery = {
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

export const list = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });

/** A cursor hides what it is made of. */
export function encodeCursor(value: string): string {
  return Buffer.from(value).toString('base64url');
}

/** @throws {Problem} `invalid_request` where it is none of ours */
export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const value = Buffer.from(cursor, 'base64url').toString();
  if (!/^[a-z]{3}_[0-9a-z]{26}$/.test(value)) throw invalidRequest('/query/cursor', 'is not a cursor of a list');
  return value;
}
