import { z } from 'zod';

/** Text of one line: no control characters, so that it can't break a mail header, a log line or an SMS. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line of text');

/** The panel's own id of an account or a user. */
export const externalId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')
  .meta({ description: "The panel's own id" });

/** BCP 47 language tag. */
export const locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag, as in nl or en-GB')
  .meta({ description: 'BCP 47 language tag' });

export const id = (prefix: string) => z.string().max(64).meta({ description: `Id, \`${prefix}_…\`` });

export const time = z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC' });

export const listQuery = {
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

export const list = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item), nextCursor: z.string().nullable() });

/** A cursor hides what it is made of. */
export function encodeCursor(value: string): string {
  return Buffer.from(value).toString('base64url');
}

export function decodeCursor(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
}
