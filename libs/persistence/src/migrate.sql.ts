import { sql, statement } from './statement.js';

// Not by MikroORM's migrator: it may create its table, which most of our roles have no right to.
export const readMigrations = statement<{ name: string }>('read-migrations', sql`select name from migration`);
