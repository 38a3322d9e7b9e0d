import { Schema } from './2026-11-27-schema.js';
import { migrationNames } from './names.js';

const classes = {
  '2026-11-27-schema': Schema,
} satisfies Record<(typeof migrationNames)[number], unknown>;

/**
 * How long a change of definitions waits for a table. Whoever comes after it waits behind it, so that it has to give up long
 * before callers do; `migrate` tries again.
 */
export const lockTimeout = '2s';

/** Any of them: none is abstract. */
type MigrationClass = typeof Schema;

export interface NamedMigration {
  readonly name: string;
  readonly class: MigrationClass;
}

/** As the migrator takes them: `of`, oldest first. */
export function listed(of: readonly NamedMigration[]): NamedMigration[] {
  return of.map(({ name, class: Kind }) => ({ name, class: bounded(Kind) }));
}

function bounded(Kind: MigrationClass): MigrationClass {
  return class extends Kind {
    override getQueries() {
      const queries = super.getQueries();
      // Without a transaction it makes indexes concurrently, and nobody waits behind that.
      return this.isTransactional() ? [`set local lock_timeout = '${lockTimeout}'`, ...queries] : queries;
    }
  };
}

export const migrations = listed(migrationNames.map((name) => ({ name, class: classes[name] })));
