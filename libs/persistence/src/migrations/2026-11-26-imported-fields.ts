import { Migration } from '@mikro-orm/migrations';

/** What was told with an imported seed, as MACs by the names of the fields; null for seeds of before. */
export class ImportedFields extends Migration {
  override up(): void {
    this.addSql(`alter table "imported_seed" add column "fields" jsonb null`);
  }
}
