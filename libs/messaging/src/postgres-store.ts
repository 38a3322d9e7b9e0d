import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPostgresBackend,
  runMigrations,
  SchemaMigrationRequiredError,
  type BackendFactory,
  type ConnectionOptions,
  type QueueBaseOptions,
} from 'bullmq';
import pg from 'pg';
import { queueNames, type QueueName } from '#contracts';
import { SettingsError } from '#runtime';
import { JobStore, type LookedAtQueue, type QueueFigures } from './job-store.js';
import { inTime } from './patience.js';

/** Where the queues live, apart from Sallyport's own tables. */
const schema = 'sallyport_queue';

/** Creates or updates the tables of the queues. Safe when several start at once. */
export async function migrateQueues(url: string): Promise<void> {
  if (!isPostgres(url)) return;
  const client = new pg.Client({ connectionString: url, application_name: 'sallyport-migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await runMigrations(client, schema);
    // BullMQ makes a queue's sequence when its first job is added (read in 6.7.0, `next_job_id`), and only the owner may:
    // the relay, which adds jobs, has no right to create anything.
    await client.query(rowToWrite);
    for (const queue of queueNames) await client.query(`select ${schema}.next_job_id($1)`, [queue]);
  } finally {
    await client.end();
  }
}

/** One row, written to by each check of whether the store can be written to. */
// "if not exists" is no help to two who look at once.
const rowToWrite = `
  select pg_advisory_xact_lock(5113071845);
  create table if not exists ${schema}.store (id smallint primary key, looked_at timestamptz);
  insert into ${schema}.store (id) values (1) on conflict do nothing`;

// A copy of a database is another one, in its cluster or elsewhere.
const writeToStore = `update ${schema}.store set looked_at = now() where id = 1
  returning (select system_identifier from pg_control_system()) || ':' ||
    (select oid from pg_database where datname = current_database()) as name`;

// By indexes that have the jobs of one state each.
const ofState = (state: string) =>
  `(select count(*) from ${schema}.job j where j.queue = q.name and j.state = '${state}')::int as ${state}`;
const readFigures = `
  select q.name as queue, ${ofState('waiting')}, ${ofState('delayed')}, ${ofState('active')}, (
    select min(head.added_at_ms) filter (where head.attempts_started = 0) from (
      select j.added_at_ms, j.attempts_started from ${schema}.job j
      where j.queue = q.name and j.state = 'waiting' order by j.priority, j.seq limit $2
    ) head
  ) as "oldestAt"
  from unnest($1::text[]) as q(name)`;

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** How BullMQ reaches its tables. Each queue and each worker has a small pool of its own. */
function postgresConnection(url: string) {
  // BullMQ names its schema in `options`, and an `options` in the address would win over it: join the two.
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const options = address?.searchParams.get('options');
  address?.searchParams.delete('options');
  return {
    connectionString: options && address ? address.href : url,
    ...(options && { options }),
    schema,
    migrate: false,
    max: 2,
    connectionTimeoutMillis: 5000,
    // Without it a call to a server that hangs never ends.
    query_timeout: 10_000,
    application_name: 'sallyport-queue',
  };
}

const pauseAfterFaultMs = 500;
const longestWaitSeconds = 10;

/**
 * BullMQ's classes on PostgreSQL, with four edges taken off (read in BullMQ 6.7.0, `Worker.mainLoop`, `waitForJob` and
 * `PostgresConnection`): a fetch that fails with anything but ECONNREFUSED is repeated at once, which is a hot
 * loop while PostgreSQL starts or its tables are gone; after a failed wait the next one may last an hour; a connection
 * that is lost while it is lent out, as at the start, emits an `error` that nobody listens to, which ends the process; and
 * a worker that is closed before it is ready opens one more connection afterwards, which nobody closes.
 */
export const createPostgresQueues: BackendFactory = (name, options, more) => {
  const backend = createPostgresBackend(name, options as QueueBaseOptions<PostgresConnection>, more);
  const { pool } = (backend as unknown as { readonly connection: { readonly pool: pg.Pool } }).connection;
  pool.on('connect', (client) => client.on('error', () => undefined));
  const fetch = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...args) => {
    try {
      return await fetch(...args);
    } catch (error) {
      await sleep(pauseAfterFaultMs);
      throw error;
    }
  };
  const close = backend.close.bind(backend);
  backend.close = async (force) => {
    await backend.waitUntilReady().catch(() => undefined);
    await close(force);
  };
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: longestWaitSeconds });
  return backend;
};

type PostgresConnection = Parameters<typeof createPostgresBackend>[1]['connection'];

/** Queues in PostgreSQL: no other server to run, a tenth of Redis' speed. */
export class PostgresStore extends JobStore {
  readonly options;
  /** For looks alone: those of the queues may all be in use. */
  private readonly looking: pg.Pool;
  private closed: Promise<void> | undefined;

  constructor(url: string) {
    super();
    const connection = postgresConnection(url);
    this.options = { connection: connection as ConnectionOptions };
    const { schema: _, migrate: __, ...own } = connection;
    this.looking = new pg.Pool({
      ...own,
      max: 1,
      idleTimeoutMillis: 60_000,
      application_name: 'sallyport-queue-look',
    });
    this.looking.on('error', () => undefined);
    this.looking.on('connect', (client) => client.on('error', () => undefined));
  }

  async assertSafe(): Promise<void> {
    // PostgreSQL throws nothing away.
  }

  async probe(): Promise<string> {
    return inTime('answer', this.look());
  }

  /** By our own statement: BullMQ's reads all that the queue did within the last hour (6.7.0, `get_counts`). */
  async figures(queues: Readonly<Record<QueueName, LookedAtQueue>>, looked: number): Promise<QueueFigures[]> {
    const asked = this.looking.query<QueueFigures>(readFigures, [Object.keys(queues), looked]);
    const { rows } = await inTime('answer', asked);
    return rows.map((row) => ({ ...row, oldestAt: row.oldestAt === null ? null : Number(row.oldestAt) }));
  }

  close(): Promise<void> {
    this.closed ??= this.looking.end();
    return this.closed;
  }

  explain(error: unknown): unknown {
    return error instanceof SchemaMigrationRequiredError
      ? new SettingsError('The tables of the queue are missing. Run "npm run migrate" first.')
      : error;
  }

  private async look(): Promise<string> {
    return (await this.looking.query<{ name: string }>(writeToStore)).rows[0]?.name ?? '';
  }
}
