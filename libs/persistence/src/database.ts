import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import type { Orm } from './orm.js';
import { currentTime } from './database.sql.js';
import { isConnectionFault, isDeadlock, isDiskFull, leavesConnectionWell } from './faults.js';
import { assertPrepares, openPool, type DatabaseOptions } from './pool.js';
import { tracing } from '#runtime';
import type { Nothing, Statement } from './statement.js';
import { tracedStatement } from './traced-statement.js';

/** Each round trip to the database is published here by its statement's name; tests and metrics subscribe. */
export const statementChannel = channel('sallyport:statement');

// 64-bit integers of ours are counters and time steps: far below 2⁵³.
const ownTypes = new pg.TypeOverrides();
ownTypes.setTypeParser(pg.types.builtins.INT8, Number);
ownTypes.setTypeParser(pg.types.builtins.DATE, String);

interface Scope {
  readonly client: pg.PoolClient;
  savepoints: number;
}

const deadlockRepeats = 2;

/** Connections, and statements that wait for one. */
export interface PoolState {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
  /** Connections that are opened at most. */
  readonly most: number;
}

/**
 * The way to PostgreSQL: one pool, shared by named statements (hot and secret ones) and by MikroORM (everything else).
 *
 * MikroORM writes values into the SQL text, where they reach the server's log; what is secret or personal goes by
 * `query`, whose values travel apart from the text. Inside `transaction`, both use the transaction's connection.
 */
export class Database {
  private readonly scopes = new AsyncLocalStorage<Scope>();
  private diskFullAt = -Infinity;

  private opening: Promise<Orm> | undefined;

  private constructor(
    private readonly connectionPool: pg.Pool,
    private readonly url: string,
  ) {}

  static open(options: DatabaseOptions): Database {
    return new Database(openPool(options), options.url);
  }

  /** How long ago PostgreSQL last said that it has no room to write, in seconds; Infinity where it never did. */
  get secondsSinceDiskFull(): number {
    return (performance.now() - this.diskFullAt) / 1000;
  }

  /** Whether whoever asks is inside `transaction`. */
  get inTransaction(): boolean {
    return this.scopes.getStore() !== undefined;
  }

  /** What it has open, and what waits for it. */
  get pool(): PoolState {
    const { totalCount, idleCount, waitingCount, options } = this.connectionPool;
    return { inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount, most: options.max };
  }

  /** Connections that it has at most. */
  get connections(): number {
    return this.connectionPool.options.max;
  }

  /**
   * Runs one statement: one round trip. Outside `transaction` it is run again where PostgreSQL gave it up to end a
   * deadlock: it has left nothing behind.
   * @param values by the names that the statement was declared with; what is undefined is null
   */
  query<Row extends object>(statement: Statement<Row, Nothing>): Promise<Row[]>;
  query<Row extends object, Values extends object>(
    statement: Statement<Row, Values>,
    values: NoInfer<Values>,
  ): Promise<Row[]>;
  query<Row extends object>(statement: Statement<Row>, values: object = {}): Promise<Row[]> {
    if (!tracing()) return this.ask(statement, values);
    return tracedStatement(statement.name, () => this.ask(statement, values));
  }

  /** The one row of a statement, or undefined. */
  one<Row extends object>(statement: Statement<Row, Nothing>): Promise<Row | undefined>;
  one<Row extends object, Values extends object>(
    statement: Statement<Row, Values>,
    values: NoInfer<Values>,
  ): Promise<Row | undefined>;
  async one<Row extends object>(statement: Statement<Row>, values: object = {}): Promise<Row | undefined> {
    return (await this.query(statement, values as never))[0];
  }

  private async ask<Row extends object>(statement: Statement<Row>, values: object): Promise<Row[]> {
    const { name, text, names } = statement;
    const list = names.map((each) => (values as Readonly<Record<string, unknown>>)[each]);
    const config = { name, text, values: list, types: ownTypes };
    const scope = this.scopes.getStore();
    for (let left = scope ? 0 : deadlockRepeats; ; left -= 1) {
      statementChannel.publish(name);
      try {
        return scope ? (await scope.client.query<Row>(config)).rows : await this.queryAlone<Row>(config);
      } catch (error) {
        this.noteFault(error);
        if (left === 0 || !isDeadlock(error)) throw error;
      }
    }
  }

  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
   * Inside another one it is a savepoint, so that a refusal undoes its own writes and nothing else.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.scopes.getStore();
    if (outer) {
      const name = `s${(outer.savepoints += 1)}`;
      return this.bracket(outer.client, work, {
        begin: `savepoint ${name}`,
        commit: `release savepoint ${name}`,
        rollback: `rollback to savepoint ${name}`,
      });
    }
    const client = await this.connectionPool.connect();
    try {
      const bracketed = () => this.bracket(client, work, { begin: 'begin', commit: 'commit', rollback: 'rollback' });
      const result = await this.scopes.run({ client, savepoints: 0 }, bracketed);
      client.release();
      return result;
    } catch (error) {
      this.noteFault(error);
      // A connection that broke in the middle must not go back to the pool.
      client.release(isConnectionFault(error));
      throw error;
    }
  }

  /** Runs `work` and undoes it, to learn whether it would be refused: by throwing. */
  async rehearse(work: () => Promise<unknown>): Promise<void> {
    const undone = new Error('Undone, as was meant.');
    try {
      await this.transaction(async () => {
        await work();
        throw undone;
      });
    } catch (error) {
      if (error !== undone) throw error;
    }
  }

  /**
   * MikroORM for what is neither hot nor secret; inside `transaction` it works on the same connection. Loaded at its first
   * use: it takes 20 MB, and most processes never ask for it.
   */
  async orm(): Promise<Orm> {
    if (this.connectionPool.ended) throw new Error('The database is closed.');
    this.opening ??= import('./orm.js').then(({ openOrm }) => openOrm(this.url, this.sharedPool()));
    try {
      return await this.opening;
    } catch (error) {
      // Tried again by who asks next.
      this.opening = undefined;
      throw error;
    }
  }

  /** The database's time. */
  async now(): Promise<Date> {
    const row = await this.one(currentTime);
    if (!row) throw new Error('PostgreSQL told no time.');
    return row.now;
  }

  /** See `assertPrepares`. Needs two connections. */
  assertPrepares(): Promise<void> {
    return assertPrepares(this.connectionPool);
  }

  async close(): Promise<void> {
    await (await this.opening?.catch(() => undefined))?.close();
    // The ORM ends the pool only if it was ever used.
    if (!this.connectionPool.ended) await this.connectionPool.end();
  }

  /**
   * The pool's own `query` ends the connection of every statement that fails. On a full disk that is each that writes, and
   * PostgreSQL may have no room to make another: those that only read would go with them.
   */
  private async queryAlone<Row extends object>(config: pg.QueryConfig): Promise<Row[]> {
    const client = await this.connectionPool.connect();
    try {
      const { rows } = await client.query<Row>(config);
      client.release();
      return rows;
    } catch (error) {
      client.release(!leavesConnectionWell(error));
      throw error;
    }
  }

  private noteFault(error: unknown): void {
    if (isDiskFull(error)) this.diskFullAt = performance.now();
  }

  private async bracket<T>(
    client: pg.PoolClient,
    work: () => Promise<T>,
    sql: { begin: string; commit: string; rollback: string },
  ): Promise<T> {
    statementChannel.publish(sql.begin);
    await client.query(sql.begin);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await client.query(sql.rollback).catch(() => undefined);
      throw error;
    }
    statementChannel.publish(sql.commit);
    await client.query(sql.commit);
    return result;
  }

  /** The pool as MikroORM sees it: inside a transaction scope it lends that scope's connection. */
  private sharedPool(): PostgresPool {
    const borrow = async (): Promise<PostgresPoolClient> => {
      const scope = this.scopes.getStore();
      const client = scope?.client ?? (await this.connectionPool.connect());
      const query = (...args: unknown[]) => {
        statementChannel.publish('orm');
        return (client.query as (...args: unknown[]) => unknown).apply(client, args);
      };
      const release = scope ? () => undefined : () => client.release();
      return { query, release } as unknown as PostgresPoolClient;
    };
    return {
      connect: borrow,
      end: () => this.connectionPool.end(),
      options: this.connectionPool.options,
    } as unknown as PostgresPool;
  }
}
