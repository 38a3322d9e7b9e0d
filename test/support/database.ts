import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import { Database, grantRights, migrate, processBounds, type SessionBounds } from '#persistence';

/** Another one for whoever changes what it is made from, while others run on the same server. */
const template = process.env['SALLYPORT_TEST_TEMPLATE'] ?? 'sallyport_template';
/** Any fixed number: names the lock under which one test file makes the template. */
const templateLock = 5_113_071_843;

/** Tests hold rows until all that they want to wait does wait, or ask 500 things at once, and a busy machine takes its time. */
const patientBounds: SessionBounds = { ...processBounds, lockMs: 20_000 };

export interface TestDatabase {
  /** Address of a database of its own, migrated and empty. */
  readonly url: string;
  readonly database: Database;
  /** Drops the database. Fails where connections were left open: a process that leaks them would not end. */
  close(): Promise<void>;
}

/** A fresh database on the run's PostgreSQL, cloned from a migrated template (about 50 ms). */
export async function createTestDatabase(
  options: { poolSize?: number; bounds?: SessionBounds } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withServer(async (server) => {
    await makeTemplate(server);
    // Copying its files takes half the CPU time of writing its pages through the log.
    await server.query(`create database ${name} template ${template} strategy file_copy`);
  });
  const url = addressOf(name);
  const database = Database.open({
    url,
    poolSize: options.poolSize ?? 10,
    onError: () => undefined,
    ...(options.bounds
      ? { bounds: options.bounds }
      : { bounds: patientBounds, connectionWaitMs: patientBounds.lockMs }),
  });
  const close = async () => {
    await database.close();
    await withServer(async (server) => {
      const left = await openConnections(server, name);
      const deadlocks = await countDeadlocks(server, name);
      await server.query(`drop database ${name} with (force)`);
      if (left.length > 0) throw new Error(`The test left connections open: ${left.join(', ')}.`);
      // Each costs who is in it a second, though the statement is run again.
      if (deadlocks > 0) throw new Error(`${deadlocks} deadlocks: statements take their locks in different orders.`);
    });
  };
  return { url, database, close };
}

/** A database without tables, for who migrates it in another way. */
export async function createEmptyDatabase() {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await withServer((server) => server.query(`create database ${name}`));
  const close = () => withServer((server) => server.query(`drop database ${name} with (force)`));
  return { name, url: addressOf(name), close };
}
export type EmptyDatabase = Awaited<ReturnType<typeof createEmptyDatabase>>;

/** Address of a database on the run's server. */
function addressOf(name: string): string {
  const address = process.env['SALLYPORT_TEST_SERVER'];
  if (!address) throw new Error('This test needs PostgreSQL: run it with "npm run test:integration".');
  const url = new URL(address);
  url.pathname = `/${name}`;
  return url.toString();
}

async function withServer<T>(work: (server: pg.Client) => Promise<T>): Promise<T> {
  const server = new pg.Client({ connectionString: addressOf('postgres'), application_name: 'test-support' });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}

/** Made by whichever test file comes first; a half-made one is never taken for whole, because it is renamed last. */
async function makeTemplate(server: pg.Client): Promise<void> {
  const known = async () => {
    const found = await server.query('select from pg_database where datname = $1', [template]);
    return found.rowCount === 1;
  };
  if (await known()) return;
  await server.query('select pg_advisory_lock($1)', [templateLock]);
  try {
    if (await known()) return;
    const draft = `${template}_draft`;
    await server.query(`drop database if exists ${draft} with (force)`);
    await server.query(`create database ${draft}`);
    await migrate(addressOf(draft));
    await migrateQueues(addressOf(draft));
    await grantRights(addressOf(draft), addressOf(draft));
    // Their connections have to be gone: a database in use can't be renamed.
    await openConnections(server, draft);
    await server.query(`alter database ${draft} rename to ${template}`);
  } finally {
    await server.query('select pg_advisory_unlock($1)', [templateLock]);
  }
}

/** Counted since the database was made; a session tells of them when it ends. */
async function countDeadlocks(server: pg.Client, name: string): Promise<number> {
  const { rows } = await server.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = $1',
    [name],
  );
  return rows[0]?.deadlocks ?? 0;
}

/** Who is still connected, after a moment of grace: a closed connection's server process takes some ms to go. */
async function openConnections(server: pg.Client, name: string): Promise<string[]> {
  for (let waited = 0; ; waited += 50) {
    const found = await server.query<{ who: string }>(
      `select application_name || ' (' || coalesce(state, backend_type) || ')' as who from pg_stat_activity where datname = $1`,
      [name],
    );
    if (found.rows.length === 0 || waited >= 2000) return found.rows.map((row) => row.who);
    await delay(50);
  }
}
