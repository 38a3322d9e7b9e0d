import { sql, statement } from '#persistence';

export const look = statement<Look>(
  'look-at-database',
  sql`select clock_timestamp() as now, current_setting('transaction_read_only')::boolean as "readOnly"`,
);

interface Look {
  readonly now: Date;
  readonly readOnly: boolean;
}
