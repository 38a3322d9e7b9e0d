import { sql, statement } from '#persistence';

export const readLock = statement<{ lockedUntil: Date; now: Date }, { key: Buffer }>(
  'address-guesses.read',
  ($) =>
    sql`select locked_until as "lockedUntil", now() as now from address_guess where key = ${$.key} and locked_until > now()`,
);
