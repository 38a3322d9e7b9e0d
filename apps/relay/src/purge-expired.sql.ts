import { idTime } from '#contracts';
import { sql, statement } from '#persistence';

/** Rows that are removed at once: few enough to be found by the key of each, however many there are. */
export const purgeBatch = 1000;

/** Removes a batch of the rows of a table that are due, in an order that an index has. */
const removal = (table: string, key: string, order: string, due: string) => sql`with due as materialized (
       select ${key} from ${table} where ${due} order by ${order} limit ${purgeBatch}
       for update skip locked
     )
     delete from ${table} t using due where ${key
       .split(', ')
       .map((column) => `t.${column} = due.${column}`)
       .join(' and ')}
     returning 1`;

/**
 * Removes rows of one table that nothing asks about any more, a batch at a time, the oldest first.
 * @param time the column that says when its time is over; it has an index
 */
const purge = (table: string, key: string, time: string, due: string, more = 'true') =>
  statement<object>(`relay-purge-${table}`, removal(table, key, time, `${time} ${due} and ${more}`));

/**
 * Days for which a challenge is known after it could be answered, and a delivery after its message would have been too late. A place is
 * known by its approved challenges for 90 days, and a panel's sessions stand on theirs. What became of them stays in the audit log.
 */
export const keptDays = 100;

/** What is over of the tables that grow by every login. Found by their ids, which sort by time: an index more would cost each login. */
export const agedPurges = (
  [
    ['challenge', `status <> 'pending'`],
    ['delivery', `status not in ('queued', 'sending')`],
  ] as const
).map(([table, ended]) => ({
  statement: statement<object, { before: string }>(`relay-purge-${table}`, ($) =>
    removal(table, 'id', 'id', sql`id < ${$.before} and expires_at < now() - interval '${keptDays} days' and ${ended}`),
  ),
  values: () => ({ before: idTime(table, Date.now() - keptDays * 86_400_000) }),
}));

/** Of each table, what is over. */
export const purges = [
  purge('idempotent_answer', 'key', 'expires_at', '<= now()'),
  purge('used_proof', 'id', 'expires_at', '<= now()'),
  purge('trusted_browser', 'id', 'expires_at', '<= now()'),
  // A day longer than it lives: a late code is then still told from a wrong one.
  purge('code', 'subject_id, device_id', 'expires_at', sql`< now() - interval '1 day'`),
  // Three days: "today" in the accounts' time zones spans up to three dates.
  purge('send_window', 'key, starts_at', 'starts_at', sql`< now() - interval '3 days'`),
  purge('send_pace', 'key', 'ready_at', sql`< now() - interval '1 day'`),
  // Two months, for whoever asks what the last one cost.
  purge('sms_spend', 'tenant_id, day, part', 'day', '< current_date - 62'),
  purge('address_guess', 'key', 'last_at', sql`< now() - interval '1 day'`),
  // A month, for whoever asks what an endpoint was told; an open one ends after five days.
  purge('webhook_delivery', 'id', 'created_at', sql`< now() - interval '30 days'`),
  // An hour longer than it lives: a late code is then still told that it is late.
  purge('device', 'id', 'enrolment_expires_at', sql`< now() - interval '1 hour'`, `status = 'unverified'`),
];
