import { randomInt } from 'node:crypto';
import type pg from 'pg';
import { newId } from '#contracts';

/**
 * Writes events as gateways do, at once: each writer has users of its own, whose events it numbers. Transactions end in
 * another order than they began; some are rolled back.
 * @returns how many were committed
 */
export async function writeOfUsers(
  pool: pg.Pool,
  { events, writers = 16, tenants }: { events: number; writers?: number; tenants: readonly string[] },
): Promise<number> {
  // Users of this call alone.
  const run = newId('event');
  let written = 0;
  const writer = async (number: number) => {
    const client = await pool.connect();
    const numbers = [0, 0, 0];
    try {
      while (written < events) {
        const user = randomInt(numbers.length);
        const count = Math.min(1 + randomInt(40), events - written);
        const roll = randomInt(12) === 0;
        // Counted before it is waited for: writers at once never make more than was asked for.
        if (!roll) written += count;
        await client.query('begin');
        await client.query(insert, [
          Array.from({ length: count }, () => newId('event')),
          tenants[number % tenants.length],
          `${run}, writer ${number}, user ${user}`,
          numbers[user],
        ]);
        await client.query(roll ? 'rollback' : 'commit');
        if (!roll) numbers[user] = (numbers[user] ?? 0) + count;
      }
    } finally {
      client.release();
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, number) => writer(number)));
  return written;
}

// Ids in their order, since those of one transaction have no other.
const insert = `insert into event (id, tenant_id, type, account_id, user_id, data)
  select id, $2, 'challenge.approved', 'account-1', $3, jsonb_build_object('n', $4::int + n)
  from (select id, row_number() over (order by id) as n from unnest($1::text[]) as e(id)) e`;

type Sql = (text: string) => Promise<readonly Record<string, unknown>[]>;

/** What is wrong with how events were sealed: of nothing there should be any. */
export async function faultsOfSealing(sql: Sql): Promise<Record<string, unknown>> {
  const [found] = await sql(`
    select
      (select count(*)::int from event e where not exists (select from audit_entry a where a.event_id = e.id)) as unsealed,
      (select coalesce(sum(last - entries), 0)::int
       from (select max(sequence) as last, count(*) as entries from audit_entry group by tenant_id) log) as gaps,
      (select count(*)::int - count(distinct event_id)::int from audit_entry) as repeats,
      (select count(*)::int from (
         select (e.data ->> 'n')::int
           - lag((e.data ->> 'n')::int, 1, 0) over (partition by e.tenant_id, e.user_id order by a.sequence) as step
         from audit_entry a join event e on e.id = a.event_id where e.user_id is not null) steps
       where step <> 1) as "outOfOrder"`);
  return found ?? {};
}

export const soundlySealed = { unsealed: 0, gaps: 0, repeats: 0, outOfOrder: 0 };
