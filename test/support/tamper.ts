import pg from 'pg';

/**
 * Runs SQL as someone would who has all rights over the server: past the triggers that keep history as it was written.
 * Tests clear their tables so, too.
 */
export async function tamper(url: string, sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'test-tamper' });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}
