import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { SettingsError } from '#runtime';
import { Database } from './database.js';
import type { Orm } from './orm.js';
import { sql } from './statement.js';
import type { NamedMigration } from './migrations/index.js';
import { migrationNames } from './migrations/names.js';
import { readMigrations } from './migrate.sql.js';

// Any fixed number: it names our lock among the advisory locks of the database.
const migrationLock = 5_113_071_842;

/** How long `alone` waits for another process, a look at a time. */
const lookMs = 100;

/**
 * Does work that changes a database's definitions: one process at a time, the others wait.
 *
 * The lock is a transaction's, so that it ends with it, and the transaction stays open meanwhile: behind PgBouncer in
 * transaction mode a session's lock would stay with the server's connection, for whoever gets that next. Those that wait
 * look again and again instead of waiting in PostgreSQL: an index that is built concurrently waits for every statement that
 * is under way, so it and a statement that waits for it would wait for each other.
 */
export async function alone<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    for (;;) {
      await client.query('begin; set local idle_in_transaction_session_timeout = 0');
      // As one text, without values: a portal would keep its snapshot, and an index built concurrently would wait for that.
      const { rows } = await client.query<{ mine: boolean }>(
        sql`select pg_try_advisory_xact_lock(${migrationLock}) as mine`,
      );
      if (rows[0]?.mine) return await work();
      await client.query('rollback');
      await sleep(lookMs);
    }
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end();
  }
}

/** A connection of its own, for definitions. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'sallyport-migrate' });
  // Whoever waits for an answer is told; an `error` without a listener would end the process besides.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** `lock_not_available` and `deadlock_detected`: somebody works with a table, or with two in another order than ours. */
const inUse: readonly (string | undefined)[] = ['55P03', '40P01'];
/** Together about a minute, most of it pauses in which everybody else goes on. */
const triesForLock = 20;
const pauseForLockMs = 1000;

/**
 * Brings the schema up to date. Safe when several start at once: one migrates, the others wait and find nothing to do.
 * What has been done stays done when it ends in the middle, and the next one goes on from there.
 * @param next migrations of a release to come, for tests of an upgrade
 * @returns names of the migrations that ran
 * @throws {SettingsError} where a table stays in use, and where the schema is older than the first release
 */
export async function migrate(url: string, next: readonly NamedMigration[] = []): Promise<string[]> {
  return alone(url, async () => {
    const database = Database.open({ url, poolSize: 2, onError: () => undefined });
    try {
      const { mikro } = await database.orm();
      if (next.length > 0) await addMigrations(mikro, next);
      const { migrator } = mikro;
      assertReleased(await migrator.getExecuted());
      const ran: string[] = [];
      for (const { name } of await migrator.getPending()) {
        await withLocks(name, () => migrator.up(name));
        ran.push(name);
      }
      return ran;
    } finally {
      await database.close();
    }
  });
}

async function addMigrations({ config }: Orm['mikro'], next: readonly NamedMigration[]): Promise<void> {
  const { listed, migrations } = await import('./migrations/index.js');
  config.set('migrations', { ...config.get('migrations'), migrationsList: [...migrations, ...listed(next)] });
}

/** The migrations of before the first release were put together into one (ADR 37). */
function assertReleased(done: readonly { readonly name: string }[]): void {
  if (done.length === 0 || done.some(({ name }) => name === migrationNames[0])) return;
  throw new SettingsError(
    'This database was made by a version from before the first release and cannot be updated. Use an empty database, or with "npm start" another SALLYPORT_DATA_DIR.',
  );
}

/** Tries again where somebody held a table for longer than a migration waits, or waited for one that the migration held. */
async function withLocks(name: string, work: () => Promise<unknown>): Promise<void> {
  for (let left = triesForLock - 1; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!inUse.includes(sqlStateOf(error))) throw error;
      if (left === 0) {
        throw new SettingsError(
          `The migration "${name}" was not run: a table that it changes stays in use. Find the long transaction in pg_stat_activity, end it, and run "npm run migrate" again.`,
        );
      }
      await sleep(pauseForLockMs);
    }
  }
}

/** The SQLSTATE, also where MikroORM has wrapped the error. */
function sqlStateOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return code ?? (cause === undefined ? undefined : sqlStateOf(cause));
}

/**
 * @throws {SettingsError} where migrations are pending: the separate processes never migrate by themselves; and where
 *   the user has no rights on the tables
 */
export async function assertMigrated(database: Database): Promise<void> {
  const done = new Set(await namesOfDone(database));
  const pending = migrationNames.filter((name) => !done.has(name));
  if (pending.length > 0) {
    throw new SettingsError(
      `The database schema is ${pending.length} migration(s) behind. Run "npm run migrate" first.`,
    );
  }
}

async function namesOfDone(database: Database): Promise<string[]> {
  try {
    return (await database.query(readMigrations)).map(({ name }) => name);
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
