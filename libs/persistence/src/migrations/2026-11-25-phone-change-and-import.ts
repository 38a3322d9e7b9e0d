import { Migration } from '@mikro-orm/migrations';

/** The number that a phone is to get once it is proved, and what is known of imported seeds. */
export class PhoneChangeAndImport extends Migration {
  override up(): void {
    this.addSql(
      `alter table "device" add column "pending_id" text null, add column "pending_sealed" bytea null, add column "pending_mac" bytea null, add column "pending_quota_key" bytea null, add column "pending_expires_at" timestamptz null`,
    );
    this.addSql(
      `create table "imported_seed" ("mac" bytea not null, "imported_at" timestamptz not null default now(), primary key ("mac"))`,
    );
  }
}
