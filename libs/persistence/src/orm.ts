import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { entities } from './entities/index.js';
import { migrations } from './migrations/index.js';
import * as tables from './tables.js';

/** MikroORM and what is asked for by it; apart from `Database`, which loads it where somebody needs it. */
export interface Orm {
  /** A fresh one for each use. */
  readonly em: () => EntityManager;
  /** The entities by their names. */
  readonly tables: typeof tables;
  /** For migrations, and the test that entities and migrations agree. */
  readonly mikro: MikroORM;
  close(): Promise<void>;
}

/** @param pool the connections that it borrows */
export async function openOrm(url: string, pool: PostgresPool): Promise<Orm> {
  const mikro = await MikroORM.init({
    entities,
    // The migrator would create a database of this name, so it has to be the one of the address.
    dbName: new pg.Client({ connectionString: url }).database ?? '',
    driverOptions: new PostgresDialect({ pool }),
    implicitTransactions: false,
    // Migrations are reported by whoever runs them; queries are seen on `statementChannel`.
    logger: () => undefined,
    // Triggers stand in migrations alone, policies in `grant-rights.ts`.
    schemaGenerator: { ignoreTriggers: true, ignorePolicies: true },
    // Each in a transaction of its own: what is done stays done, and one may have none.
    migrations: { migrationsList: migrations, tableName: 'migration', snapshot: false, allOrNothing: false },
    extensions: [Migrator],
    discovery: { checkDuplicateTableNames: true },
  });
  return { em: () => mikro.em.fork(), tables, mikro, close: () => mikro.close(true) };
}
