import pg from 'pg';
import { SettingsError } from '#runtime';
import { Database } from './database.js';

// Any fixed number: it names our lock among the advisory locks of the database.
const migrationLock = 5_113_071_842;

/**
 * Brings the schema up to date. Safe when several start at once: one migrates, the others wait and find nothing to do.
 * @returns names of the migrations that ran
 */
export async function migrate(url: string): Promise<string[]> {
  const guard = new pg.Client({ connectionString: url, application_name: 'sallyport-migrate' });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [migrationLock]);
    const database = await Database.open({ url, poolSize: 2, onError: () => undefined });
    try {
      const ran = await database.requireOrm().migrator.up();
      return ran.map((migration) => migration.name);
    } finally {
      await database.close();
    }
  } finally {
    await guard.end();
  }
}

/** @throws {SettingsError} where migrations are pending: the separate processes never migrate by themselves */
export async function assertMigrated(database: Database): Promise<void> {
  const pending = await database.requireOrm().migrator.getPending();
  if (pending.length > 0) {
    throw new SettingsError(
      `The database schema is ${pending.length} migration(s) behind. Run "npm run migrate" first.`,
    );
  }
}
