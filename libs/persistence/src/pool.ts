import pg from 'pg';
import { sessionSettings, type SessionBounds } from './session-bounds.js';

// MikroORM wants times as PostgreSQL writes them.
const ormTypes = new pg.TypeOverrides();
for (const type of [pg.types.builtins.DATE, pg.types.builtins.TIMESTAMP, pg.types.builtins.TIMESTAMPTZ] as const) {
  ormTypes.setTypeParser(type, String);
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** Longest wait for a connection, in ms, of someone more patient than those who call. */
  readonly connectionWaitMs?: number;
  /** Longest wait for an answer, in ms, of someone who would rather have none. */
  readonly answerWithinMs?: number;
  /** Told of connections that break while idle. */
  readonly onError: (error: Error) => void;
  /** None where nobody else waits, as for migrations. */
  readonly bounds?: SessionBounds;
}

/**
 * How long an unused connection stays open. A new one has to plan each statement, some ms each: after the 10 s of node-postgres
 * every quiet moment would make the next logins slow.
 */
const idleConnectionMs = 300_000;

/** Longest wait for a connection, in ms, to be made or to be given back. Those who call wait ten seconds themselves. */
const usualConnectionWaitMs = 2000;

/** Connections to PostgreSQL, for statements and for MikroORM. They are made when they are asked for. */
export function openPool(options: DatabaseOptions): pg.Pool {
  const { bounds } = options;
  const settings = Object.entries(bounds ? sessionSettings(bounds) : {}).map(
    ([name, value]) => `set ${name} = ${value}`,
  );
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectionWaitMs ?? usualConnectionWaitMs,
    idleTimeoutMillis: idleConnectionMs,
    application_name: 'sallyport',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: ormTypes,
    ...(options.answerWithinMs !== undefined && { query_timeout: options.answerWithinMs }),
    // By a statement: PgBouncer refuses them at the start of a connection.
    ...(settings.length > 0 && {
      onConnect: async (client: pg.ClientBase) => void (await client.query(settings.join('; '))),
    }),
  });
  pool.on('error', options.onError);
  // The pool listens only while a client is idle. One that is lent out and loses its server emits `error` besides
  // failing its query, and an `error` without a listener ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** In no list of statements: it is asked only where it is looked whether there can be any. */
const prepared = { name: 'assert-prepares', text: 'select' };

/**
 * Whether a session finds again what it has prepared. Behind a pooler that lends a connection for a transaction, and does
 * not know prepared statements (PgBouncer below 1.21), it does so only while nobody else is there: the second one here
 * takes the connection that the first has just given back. Needs two connections.
 * @throws what PostgreSQL says of a statement that is not there, or there already (26000, 42P05)
 */
export async function assertPrepares(pool: pg.Pool): Promise<void> {
  const first = await pool.connect();
  try {
    await first.query(prepared);
    const second = await pool.connect();
    try {
      await second.query('begin');
      await first.query(prepared);
    } finally {
      second.release(true);
    }
  } finally {
    first.release(true);
  }
}
