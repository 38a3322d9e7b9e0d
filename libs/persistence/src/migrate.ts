import pg from 'pg';
import { SettingsError } from '#runtime';
import { Database, statement } from './database.js';
import { migrations } from './migrations/index.js';

// Any fixed number: it names our lock among the advisory locks of the database.
const migrationLock = 5_113_071_842;

/** Does work that changes a database's definitions: one process at a time, the others wait. */
export async function alone<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'sallyport-migrate' });
  // Whoever waits for an answer is told; an `error` without a listener would end the process besides.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Brings the schema up to date. Safe when several start at once: one migrates, the others wait and find nothing to do.
 * @returns names of the migrations that ran
 */
export async function migrate(url: string): Promise<string[]> {
  return alone(url, async () => {
    const database = await Database.open({ url, poolSize: 2, onError: () => undefined });
    try {
      const ran = await database.requireOrm().migrator.up();
      return ran.map((migration) => migration.name);
    } finally {
      await database.close();
    }
  });
}

// Not by MikroORM's migrator: it may create its table, which most of our roles have no right to.
const readMigrations = statement('read-migrations', 'select name from migration');

/**
 * @throws {SettingsError} where migrations are pending: the separate processes never migrate by themselves; and where
 *   the user has no rights on the tables
 */
export async function assertMigrated(database: Database): Promise<void> {
  const done = new Set(await namesOfDone(database));
  const pending = migrations.filter(({ name }) => !done.has(name));
  if (pending.length > 0) {
    throw new SettingsError(
      `The database schema is ${pending.length} migration(s) behind. Run "npm run migrate" first.`,
    );
  }
}

async function namesOfDone(database: Database): Promise<string[]> {
  try {
    return (await database.query<{ name: string }>(readMigrations)).map(({ name }) => name);
  } catch (error) {
    switch ((error as { code?: string }).code) {
      case '42P01': // undefined_table
        return [];
      case '42501': // insufficient_privilege
        throw new SettingsError(
          'The user in DATABASE_URL has no rights on the tables. Run "npm run migrate" as their owner, and use the role of this process or a member of it (docs/runbook.md).',
        );
      default:
        throw error;
    }
  }
}
