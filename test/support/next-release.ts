import { Migration } from '@mikro-orm/migrations';
import type { NamedMigration } from '#persistence';
import { ConcurrentIndexes } from '../../libs/persistence/src/migrations/concurrent-indexes.js';

class Columns extends Migration {
  override up(): void {
    this.addSql('alter table tenant add column "next" text null');
    this.addSql('alter table challenge add column "next" int not null default 0');
  }
}

class Indexes extends ConcurrentIndexes {
  protected readonly indexes = {
    tenant_next_index: 'tenant ("next")',
    challenge_next_index: 'challenge (user_id, "next")',
    event_next_index: 'event (tenant_id, request_id)',
  };
}

/** Migrations as the release after this one may have them: what tests of an upgrade run behind ours. */
export const nextRelease: readonly NamedMigration[] = [
  { name: '9999-12-30-columns', class: Columns },
  { name: '9999-12-31-indexes', class: Indexes },
];
