import { Migration } from '@mikro-orm/migrations';

/** What the audit worker needs after a restore into another cluster, and what the lockout worker looks at. */
export class SealerClusterAndAccountPatterns extends Migration {
  override name = '2026-11-23-sealer-cluster-and-account-patterns';

  override up(): void {
    this.addSql(`alter table "audit_cursor" add column "cluster" text null`);
    this.addSql(`create index "event_rejection" on "event" ("tenant_id", "account_id", "time") where type in ('challenge.rejected', 'challenge.replayed')`);
    this.addSql(`create table "account_pattern_notice" ("user_id" text not null, "noticed_at" timestamptz not null, primary key ("user_id"))`);
    this.addSql(`alter table "account_pattern_notice" add constraint "account_pattern_notice_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on update cascade on delete cascade`);
  }
}
