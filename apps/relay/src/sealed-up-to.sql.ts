import { sql, statement } from '#persistence';

/** The sealer's place: it moves when the log grows. No row where nobody has ever named a collector. */
export const sealedUpTo = statement<{ tx: string }>(
  'log-sealed-up-to',
  sql`select tx::text as tx from audit_cursor where exists (select name from audit_collector)`,
);
