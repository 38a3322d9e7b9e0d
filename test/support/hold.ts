import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * Holds what `text` locks until it is let go: calls that need it stay under way as long as a test wants.
 * @param text SQL, run in a transaction of its own
 */
export async function hold(
  databaseUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<{
  waiting(count: number, patienceMs?: number): Promise<void>;
  count(): Promise<number>;
  release(): Promise<void>;
}> {
  const connect = async () => {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'test-hold' });
    await client.connect();
    return client;
  };
  const holder = await connect();
  // Within a transaction, pg_stat_activity goes on showing the sessions of its first reading.
  const watcher = await connect();
  await holder.query('begin');
  await holder.query(text, values);
  /** Statements that wait for a lock. */
  const count = async () => {
    const { rows } = await watcher.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0]?.n ?? 0;
  };
  return {
    count,
    /** Until so many statements wait for a lock. One that has waited for the longest time it may is seen no more. */
    async waiting(wanted, patienceMs = 40_000) {
      for (const end = Date.now() + patienceMs; (await count()) < wanted; await sleep(20)) {
        if (Date.now() > end) throw new Error(`Never did ${wanted} statements wait for a lock.`);
      }
    },
    async release() {
      await holder.end();
      await watcher.end();
    },
  };
}
