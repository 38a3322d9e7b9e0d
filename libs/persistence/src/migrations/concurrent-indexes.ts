import { Migration } from '@mikro-orm/migrations';

/**
 * Indexes built while everybody goes on reading and writing. PostgreSQL does that outside a transaction only, so one that
 * ends in the middle leaves some behind, one of them perhaps half made: each is dropped first, and then made.
 */
export abstract class ConcurrentIndexes extends Migration {
  /** By its name, what comes behind `on`. */
  protected abstract readonly indexes: Readonly<Record<string, string>>;

  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    for (const [name, target] of Object.entries(this.indexes)) {
      this.addSql(`drop index concurrently if exists "${name}"`);
      this.addSql(`create index concurrently "${name}" on ${target}`);
    }
  }
}
